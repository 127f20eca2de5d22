import { describe, expect, it } from '@jest/globals';
import type { AttemptOutcome } from './attempts.js';
import { NOW_MS, aDueDelivery, aDocument, type DocumentPart } from '@hookstream/testing';
import { judgeOutcome } from './judge-outcome.js';

const answer = (status: number, headers: Record<string, string> = {}): AttemptOutcome => ({
  kind: 'response',
  status,
  headers,
  body: Buffer.alloc(0),
  bodyTruncated: false,
  durationMs: 5,
});
const timeout: AttemptOutcome = { kind: 'failure', class: 'timeout', message: 'no answer', durationMs: 15_000 };
const judge = (outcome: AttemptOutcome, part: DocumentPart = {}, delivery = aDueDelivery()) =>
  judgeOutcome(delivery, aDocument(part), outcome, { startedAtMs: NOW_MS - 5, endedAtMs: NOW_MS }, 0.5);

describe('judgeOutcome', () => {
  it('is done with a success', () => {
    expect(judge(answer(204))).toEqual({ state: 'delivered' });
  });

  it.each([answer(500), answer(301), answer(404), timeout])(
    'plans the next attempt after a failure (%#)',
    (outcome) => {
      expect(judge(outcome, { version: 8 })).toMatchObject({
        state: 'retrying',
        next: { attempt: 2, attemptsInRun: 1, dueAtMs: NOW_MS + 5_000, reason: 'retry', hops: 0, configVersion: 8 },
      });
    },
  );

  it('notes when a run was first sent and what its last attempt came to', () => {
    const second = judge(answer(503)).next;
    expect(second).toMatchObject({ firstSentAtMs: NOW_MS - 5, failedBy: 503 });
    const third = judge(timeout, {}, aDueDelivery({ attemptsInRun: 1, firstSentAtMs: 7, failedBy: 503 })).next;
    expect(third).toMatchObject({ firstSentAtMs: 7, failedBy: 'timeout' });
  });

  it('counts nothing as sent before the endpoint was asked', () => {
    const next = judge({ kind: 'failure', class: 'token', message: '', durationMs: 0, notAsked: true }).next;
    expect(next).toMatchObject({ failedBy: 'token' });
    expect(next).not.toHaveProperty('firstSentAtMs');
  });

  it('waits longer where the endpoint asks for it, and never shorter', () => {
    expect(judge(answer(429, { 'retry-after': '60' })).next?.dueAtMs).toBe(NOW_MS + 60_000);
    expect(judge(answer(429, { 'retry-after': '1' })).next?.dueAtMs).toBe(NOW_MS + 5_000);
    expect(judge(answer(429, { 'retry-after': 'soon' })).next?.dueAtMs).toBe(NOW_MS + 5_000);
  });

  it('ends a run whose schedule is used up', () => {
    expect(judge(answer(500), {}, aDueDelivery({ attemptsInRun: 2 }))).toEqual({
      state: 'exhausted',
      reason: 'attempts',
    });
  });

  it('ends a run whose next attempt would come too late', () => {
    const delivery = aDueDelivery({ runStartedAtMs: NOW_MS - 3_598_000 });
    expect(judge(answer(500), {}, delivery)).toEqual({ state: 'exhausted', reason: 'max-age' });
  });

  it('ends a run at a status that is not worth another try', () => {
    const standing = judge(answer(422), { retry: { nonRetryableStatuses: [422] } });
    expect(standing).toEqual({ state: 'exhausted', reason: 'non-retryable-status' });
  });

  it('ends an ordered delivery after as many attempts as those behind it wait for', () => {
    const ordering = { mode: 'fifo', policy: 'skip', skipAfter: 2 } as const;
    const second = aDueDelivery({ attemptsInRun: 1, order: { key: '' } });
    expect(judge(answer(500), { ordering })).toMatchObject({ state: 'retrying' });
    expect(judge(answer(500), { ordering }, second)).toEqual({ state: 'exhausted', reason: 'attempts' });
  });

  it('asks for a pause when an ordered delivery fails for good and somebody is to look at it', () => {
    const ordering = { mode: 'fifo', policy: 'pause' } as const;
    const last = aDueDelivery({ attemptsInRun: 2, order: { key: '' } });
    const asked = { subscription: 'sub_1', reason: 'delivery-exhausted', expectedVersion: 3, atMs: NOW_MS };
    expect(judge(answer(500), { ordering }, last)).toEqual({
      state: 'exhausted',
      reason: 'attempts',
      command: { kind: 'pause-subscription', ...asked },
    });
    expect(judge(answer(500), { ordering: { ...ordering, policy: 'block' } }, last).command).toBeUndefined();
  });

  it('asks for the deactivation of a subscription that is gone, at the version it has seen', () => {
    const command = { kind: 'deactivate-subscription', subscription: 'sub_1', reason: 'gone', expectedVersion: 3 };
    expect(judge(answer(410))).toEqual({ state: 'exhausted', reason: 'gone', command: { ...command, atMs: NOW_MS } });
    expect(judge(answer(410), { deactivateOnGone: false })).toEqual({ state: 'exhausted', reason: 'gone' });
  });
});

describe('judgeOutcome of a test', () => {
  const aTest = aDueDelivery({ test: true });
  const deactivating = { test: { onActivation: false, failureDeactivates: true, whileInactive: true } };
  const command = { kind: 'deactivate-subscription', subscription: 'sub_1', expectedVersion: 3, atMs: NOW_MS };

  it('is done with a success like any other', () => {
    expect(judge(answer(200), deactivating, aTest)).toEqual({ state: 'delivered' });
  });

  it.each([answer(500), answer(404), timeout])('never plans a second attempt (%#)', (outcome) => {
    expect(judge(outcome, {}, aTest)).toEqual({ state: 'exhausted', reason: 'attempts' });
  });

  it.each([
    [timeout, 'attempts'],
    [answer(410), 'gone'],
  ])('deactivates its subscription where a failure is to (%#)', (outcome, reason) => {
    expect(judge(outcome, deactivating, aTest)).toEqual({
      state: 'exhausted',
      reason,
      command: { ...command, reason: 'test-failed' },
    });
    expect(judge(outcome, { ...deactivating, active: false }, aTest).command).toBeUndefined();
  });

  it('deactivates a subscription that is gone, as a delivery would', () => {
    expect(judge(answer(410), {}, aTest).command).toEqual({ ...command, reason: 'gone' });
  });

  it('holds the endpoint that asks for it', () => {
    expect(judge(answer(429, { 'retry-after': '60' }), {}, aTest)).toMatchObject({ holdMs: 60_000 });
  });
});

describe('judgeOutcome of a validation handshake', () => {
  const { event } = aDueDelivery();
  const asking = { ...event, type: 'hookstream.handshake', subject: 'hooks.example.com' };
  const handshake = aDueDelivery({ test: true, event: asking });
  const leave = { 'webhook-allowed-origin': 'hooks.example.com' };
  const failed = { state: 'exhausted', reason: 'attempts' };

  it('is done with the leave of the endpoint only, whatever means a success otherwise', () => {
    const strict = { endpoint: { successStatuses: [202] } };
    expect(judge(answer(200, leave), strict, handshake)).toEqual({ state: 'delivered' });
    expect(judge(answer(202), strict, handshake)).toEqual(failed);
    expect(judge(answer(405, leave), {}, handshake)).toEqual(failed);
    expect(judge(timeout, {}, handshake)).toEqual(failed);
  });
});
