import { type SecretBox } from '@hookstream/contracts';
import { tellingTransientErrors } from '@hookstream/database';
import { type ApiKeyId, isId } from '@hookstream/domain';
import { type DataSource } from 'typeorm';
import { z } from 'zod';
import {
  type Claim,
  type RequestName,
  type RequestNames,
  type StoredAnswer,
} from '../../core/idempotency/idempotency.js';

const HOURS_KEPT = 24;
const ROWS_AT_ONCE = 500;

const idOfKey = z.custom<ApiKeyId>((value) => typeof value === 'string' && isId('key', value));
const claims = z.array(z.object({ fingerprint: z.string(), claimed_at: z.date(), answer: z.string().nullable() }));
const storedAnswers = z.array(z.object({ api_key: idOfKey, name: z.string(), answer: z.string() }));
const storedAnswer: z.ZodType<StoredAnswer> = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** Named requests of the last day. Answers may hold a secret that is shown once, so they are sealed. */
export class PostgresRequestNames implements RequestNames {
  constructor(
    private readonly dataSource: Pick<DataSource, 'query'>,
    private readonly secrets: SecretBox,
  ) {}

  async claim(request: RequestName, fingerprint: string): Promise<Claim> {
    const { apiKey, name } = request;
    for (;;) {
      const made = await this.query(
        `INSERT INTO request_names AS present (api_key, name, fingerprint, claimed_at) VALUES ($1, $2, $3, now())
         ON CONFLICT (api_key, name) DO UPDATE SET fingerprint = excluded.fingerprint, claimed_at = now(), answer = NULL
         WHERE present.claimed_at < now() - interval '${HOURS_KEPT} hours'
         RETURNING fingerprint, claimed_at, answer`,
        [apiKey, name, fingerprint],
      );
      if (made.length > 0) return { kind: 'claimed' };
      const [present] = await this.query(
        'SELECT fingerprint, claimed_at, answer FROM request_names WHERE api_key = $1 AND name = $2',
        [apiKey, name],
      );
      if (!present) continue; // Released between the two statements.
      const { answer, claimed_at: claimedAt } = present;
      return answer === null
        ? { kind: 'running', fingerprint: present.fingerprint, claimedAtMs: claimedAt.getTime() }
        : { kind: 'answered', fingerprint: present.fingerprint, answer: this.open(answer, request) };
    }
  }

  async answer(request: RequestName, answer: StoredAnswer): Promise<void> {
    const sealed = this.secrets.seal(Buffer.from(JSON.stringify(answer)), ownerOf(request));
    await tellingTransientErrors(() =>
      this.dataSource.query('UPDATE request_names SET answer = $3 WHERE api_key = $1 AND name = $2', [
        request.apiKey,
        request.name,
        sealed,
      ]),
    );
  }

  async release({ apiKey, name }: RequestName): Promise<void> {
    await tellingTransientErrors(() =>
      this.dataSource.query('DELETE FROM request_names WHERE api_key = $1 AND name = $2', [apiKey, name]),
    );
  }

  /**
   * Seals what is sealed with a former key with the current one. An answer that no key opens is left to end with its day.
   *
   * @returns how many were sealed anew
   */
  async sealAnew(): Promise<number> {
    let count = 0;
    for (let [apiKey, name] = ['', '']; ;) {
      const rows = storedAnswers.parse(
        await this.dataSource.query(
          `SELECT api_key, name, answer FROM request_names WHERE answer IS NOT NULL AND (api_key, name) > ($1, $2)
           ORDER BY api_key, name LIMIT ${ROWS_AT_ONCE}`,
          [apiKey, name],
        ),
      );
      for (const row of rows) {
        const sealed = this.sealedAnew(row);
        if (sealed === row.answer) continue;
        await this.dataSource.query(
          'UPDATE request_names SET answer = $4 WHERE api_key = $1 AND name = $2 AND answer = $3',
          [row.api_key, row.name, row.answer, sealed],
        );
        count += 1;
      }
      const last = rows.at(-1);
      if (!last) return count;
      ({ api_key: apiKey, name } = last);
    }
  }

  async forget(): Promise<void> {
    await this.dataSource.query(`DELETE FROM request_names WHERE claimed_at < now() - interval '${HOURS_KEPT} hours'`);
  }

  private async query(statement: string, parameters: readonly unknown[]): Promise<z.output<typeof claims>> {
    return claims.parse(await tellingTransientErrors(() => this.dataSource.query(statement, [...parameters])));
  }

  private sealedAnew({ api_key: apiKey, name, answer }: z.output<typeof storedAnswers>[number]): string {
    try {
      return this.secrets.sealAnew(answer, ownerOf({ apiKey, name }));
    } catch {
      return answer;
    }
  }

  private open(sealed: string, request: RequestName): StoredAnswer {
    return storedAnswer.parse(JSON.parse(this.secrets.open(sealed, ownerOf(request)).toString()));
  }
}

/** What an answer is sealed for: under another name or key it does not open. */
function ownerOf({ apiKey, name }: RequestName) {
  return { organization: apiKey, subscription: `answer to ${name}` };
}
