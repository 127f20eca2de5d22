import type { LoggedAttempt } from './log-reader.js';

/**
 * Attempts with what their requests carried, and what was answered, from the attempts of the first deliveries in them. One whose
 * first is not, or no longer, in the log has neither.
 */
export function withFirsts(attempts: readonly LoggedAttempt[], firsts: readonly LoggedAttempt[]): LoggedAttempt[] {
  const byId = new Map(firsts.map((first) => [first.id, first]));
  return attempts.map((attempt) => {
    const { batch } = attempt.request;
    const first = batch && batch.entry > 0 ? byId.get(batch.attempt) : undefined;
    if (!first) return attempt;
    const { body, bodyTruncated } = first.request;
    const sent = { ...(body !== undefined && { body }), ...(bodyTruncated && { bodyTruncated }) };
    return {
      ...attempt,
      request: { ...attempt.request, ...sent },
      response: attempt.response && { ...attempt.response, body: first.response?.body ?? attempt.response.body },
    };
  });
}
