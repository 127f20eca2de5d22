import pg from 'pg';

/** Deliveries in the log, by state. */
export type LogStates = Readonly<Record<string, number>>;

/** A look reads all deliveries: often enough to see the end, seldom enough not to be what is measured. */
export const LOG_POLL_MS = 500;

/** Looks into the log of a run from behind: asking the API for so many pages would cost more than what is measured. */
export class LogDatabase {
  private constructor(private readonly client: pg.Client) {}

  static async connect(databaseUrl: string): Promise<LogDatabase> {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'hookstream-bench' });
    // The server is stopped before us when a run is interrupted.
    client.on('error', () => undefined);
    await client.connect();
    return new LogDatabase(client);
  }

  async states(): Promise<LogStates> {
    const { rows } = await this.client.query<{ state: string; count: string }>(
      'SELECT state, count(*) AS count FROM log.deliveries GROUP BY state',
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

export function known(states: LogStates): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0);
}

export function terminal(states: LogStates): number {
  const { pending = 0, retrying = 0 } = states;
  return known(states) - pending - retrying;
}
