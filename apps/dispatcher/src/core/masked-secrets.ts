import type { AttemptOutcome, AttemptResponse } from '@hookstream/engine';

export const REDACTED = '[redacted]';
/** Of a shorter one, nothing would be told by what is masked but how often it comes by chance. */
const MIN_LENGTH = 6;

/** An answer without the secrets that were sent with its request: some endpoints answer with all they were asked. */
export function withoutSecrets<Outcome extends AttemptOutcome | { readonly kind: 'withheld' }>(
  outcome: Outcome,
  secrets: readonly string[],
): Outcome | AttemptResponse {
  if (outcome.kind !== 'response') return outcome;
  const told = secrets.filter(({ length }) => length >= MIN_LENGTH);
  const masked = (text: string) => told.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  const headers: Record<string, string> = {};
  for (const name in outcome.headers) headers[name] = masked(outcome.headers[name] ?? '');
  const { body } = outcome;
  const isTold = told.some((secret) => body.includes(secret));
  return { ...outcome, headers, body: isTold ? Buffer.from(maskedBytes(body, told), 'latin1') : body };
}

/** Byte by byte: what is around a secret may be no text. */
function maskedBytes(body: Buffer, secrets: readonly string[]): string {
  return secrets.reduce(
    (rest, secret) => rest.replaceAll(Buffer.from(secret).toString('latin1'), REDACTED),
    body.toString('latin1'),
  );
}
