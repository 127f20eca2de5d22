import pg from 'pg';

/** What copies have of their own; all else is as in the first one. */
const OWN: Readonly<Record<string, string>> = {
  id: `'sub_' || md5(first.id || number)`,
  name: `first.name || ' ' || number`,
  version: '1',
  settings: `jsonb_set(first.settings, '{eventTypes}',
    jsonb_build_array('tenant-' || number || CASE number % 2 WHEN 0 THEN '.paid' ELSE '.*' END))`,
};

/**
 * Makes many subscriptions out of one, in the database of config-api: to ask the API for each would take longer than all that is
 * measured. Nobody is told of them; each wants event types of its own. Their secrets open for nobody.
 */
export async function multiplySubscription(databaseUrl: string, id: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'hookstream-bench' });
  await client.connect();
  try {
    const { rows } = await client.query<{ column_name: string }>(
      `SELECT column_name FROM information_schema.columns
       WHERE table_schema = 'config' AND table_name = 'subscriptions' AND column_name <> 'seq'`,
    );
    const columns = rows.map((row) => row.column_name);
    const values = columns.map((column) => OWN[column] ?? `first.${column}`);
    await client.query(
      `INSERT INTO config.subscriptions (${columns.join(', ')})
       SELECT ${values.join(', ')} FROM config.subscriptions AS first, generate_series(1, $2::integer) AS number
       WHERE first.id = $1`,
      [id, count],
    );
  } finally {
    await client.end();
  }
}
