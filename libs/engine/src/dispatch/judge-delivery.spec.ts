import { describe, expect, it } from '@jest/globals';
import { NOW_MS, aDueDelivery, aDocument, type DocumentPart } from '@hookstream/testing';
import { judgeDelivery } from './judge-delivery.js';
import type { SubscriptionEntry } from './subscription-table.js';

const HOUR = 3_600_000;
const inForce = (part: DocumentPart = {}): SubscriptionEntry => ({
  kind: 'subscription',
  document: aDocument(part),
  keys: () => [],
  open: Buffer.from,
});

describe('judgeDelivery', () => {
  it('attempts what is due, by the settings in force', () => {
    const entry = inForce({ version: 9 });
    expect(judgeDelivery(aDueDelivery(), entry, NOW_MS)).toEqual({ kind: 'attempt', subscription: entry });
  });

  it('lets a delivery wait a second for a subscription it has not heard of yet', () => {
    const verdict = judgeDelivery(aDueDelivery(), undefined, NOW_MS + 299_999);
    expect(verdict).toEqual({ kind: 'wait', reason: 'unknown-subscription', dueAtMs: NOW_MS + 300_999 });
  });

  it('gives up on an unknown subscription five minutes after the delivery was first seen', () => {
    const verdict = judgeDelivery(aDueDelivery(), undefined, NOW_MS + 300_000);
    expect(verdict).toMatchObject({ kind: 'dead-letter', reason: 'unknown-subscription' });
  });

  it('lets a delivery wait for settings that its router has seen and this service has not', () => {
    const verdict = judgeDelivery(aDueDelivery({ configVersion: 4 }), inForce({ active: false }), NOW_MS);
    expect(verdict).toEqual({ kind: 'wait', reason: 'settings-behind', dueAtMs: NOW_MS + 1_000 });
  });

  it('does not wait for newer settings longer than the run may last', () => {
    const verdict = judgeDelivery(aDueDelivery({ configVersion: 4 }), inForce(), NOW_MS + HOUR + 1);
    expect(verdict).toEqual({ kind: 'end', state: 'exhausted', reason: 'max-age' });
  });

  it('cancels what waits for a deleted subscription', () => {
    const verdict = judgeDelivery(aDueDelivery({ configVersion: 4 }), { kind: 'deleted' }, NOW_MS);
    expect(verdict).toEqual({ kind: 'end', state: 'cancelled', reason: 'subscription-deleted' });
  });

  it.each<[string, DocumentPart]>([
    ['inactive', { active: false }],
    ['active again, since after the run began', { activatedAtMs: NOW_MS + 1 }],
  ])('cancels what waits for a subscription that is %s', (_, part) => {
    const verdict = judgeDelivery(aDueDelivery(), inForce(part), NOW_MS);
    expect(verdict).toEqual({ kind: 'end', state: 'cancelled', reason: 'subscription-inactive' });
  });

  it('ends a run that is older than its subscription allows', () => {
    expect(judgeDelivery(aDueDelivery(), inForce(), NOW_MS + HOUR)).toMatchObject({ kind: 'attempt' });
    const verdict = judgeDelivery(aDueDelivery(), inForce(), NOW_MS + HOUR + 1);
    expect(verdict).toEqual({ kind: 'end', state: 'exhausted', reason: 'max-age' });
  });

  it('never starts before the due time', () => {
    const verdict = judgeDelivery(aDueDelivery({ dueAtMs: NOW_MS + 1, reason: 'retry' }), inForce(), NOW_MS);
    expect(verdict).toEqual({ kind: 'wait', reason: 'retry', dueAtMs: NOW_MS + 1 });
  });
});

describe('judgeDelivery of a test', () => {
  const test = { onActivation: false, failureDeactivates: false, whileInactive: true };
  const aTest = aDueDelivery({ test: true });
  const cancelled = { kind: 'end', state: 'cancelled', reason: 'subscription-inactive' };

  it('attempts it though the subscription is paused', () => {
    expect(judgeDelivery(aTest, inForce({ paused: true }), NOW_MS)).toMatchObject({ kind: 'attempt' });
  });

  it('attempts it while the subscription is inactive, where that is wanted', () => {
    expect(judgeDelivery(aTest, inForce({ active: false, test }), NOW_MS)).toMatchObject({ kind: 'attempt' });
    expect(judgeDelivery(aTest, inForce({ active: false }), NOW_MS)).toEqual(cancelled);
    expect(judgeDelivery(aDueDelivery(), inForce({ active: false, test }), NOW_MS)).toEqual(cancelled);
  });

  it('asks for the leave of an endpoint that is to be asked, while the subscription is inactive', () => {
    const { event } = aTest;
    const asking = aDueDelivery({
      test: true,
      event: { ...event, type: 'hookstream.handshake', subject: 'a.example' },
    });
    const asked = inForce({ active: false, endpoint: { handshake: {} } });
    expect(judgeDelivery(asking, asked, NOW_MS)).toMatchObject({ kind: 'attempt' });
    expect(judgeDelivery(asking, inForce({ active: false }), NOW_MS)).toEqual(cancelled);
    const unagreed = inForce({ active: false, test, endpoint: { handshake: {} } });
    expect(judgeDelivery(aTest, unagreed, NOW_MS)).toEqual(cancelled);
    const agreed = inForce({ active: false, test, endpoint: { handshake: { agreed: { url: 'https://a.example' } } } });
    expect(judgeDelivery(aTest, agreed, NOW_MS)).toMatchObject({ kind: 'attempt' });
  });

  it('ends it after five minutes, however long deliveries may last', () => {
    const short = inForce({ retry: { maxAgeMs: 1_000 } });
    expect(judgeDelivery(aTest, short, NOW_MS + 300_000)).toMatchObject({ kind: 'attempt' });
    const verdict = judgeDelivery(aTest, inForce(), NOW_MS + 300_001);
    expect(verdict).toEqual({ kind: 'end', state: 'exhausted', reason: 'max-age' });
  });
});
