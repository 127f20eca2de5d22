import { type ApiKeyId } from '@hookstream/domain';
import { type DataSource } from 'typeorm';

const MAX_KEYS = 10_000;

/** When keys were last used: kept in memory and written now and then, for a request must not cost a statement. */
export class KeyUse {
  private used = new Map<ApiKeyId, number>();

  constructor(private readonly dataSource: Pick<DataSource, 'query'>) {}

  note(key: ApiKeyId, atMs: number): void {
    if (this.used.size < MAX_KEYS || this.used.has(key)) this.used.set(key, atMs);
  }

  /** What cannot be written is kept for the next time. */
  async write(): Promise<void> {
    if (this.used.size === 0) return;
    const written = this.used;
    this.used = new Map();
    try {
      await this.dataSource.query(
        `UPDATE api_keys SET last_used_at = greatest(last_used_at, used.at)
         FROM unnest($1::text[], $2::timestamptz[]) AS used (id, at) WHERE api_keys.id = used.id`,
        [[...written.keys()], [...written.values()].map((atMs) => new Date(atMs))],
      );
    } catch (error) {
      for (const [key, atMs] of written) if (!this.used.has(key)) this.note(key, atMs);
      throw error;
    }
  }
}
