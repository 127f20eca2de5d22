import { setImmediate } from 'node:timers/promises';
import { topicNames, type ConsumedRecord, type Delivery, type OutgoingRecord } from '@hookstream/contracts';
import type { AttemptOutcome, AttemptRequest, AttemptResponse, PreparedAttempt } from '../src/dispatch/attempts.js';
import { Endpoints } from '../src/endpoints/endpoints.js';
import { DEFAULT_LANE_LIMITS } from '../src/lanes/lanes.js';
import { TrackerTable } from '../src/tracker/tracker-table.js';
import { NOW_MS, aDueDelivery } from '@hookstream/testing';
import type { DispatchObserver } from '../src/dispatch/dispatch-observer.js';
import { NewestRuns } from '../src/dispatch/newest-runs.js';
import { Dispatcher } from '../src/dispatch/dispatcher.js';
import { EffectWriter } from '../src/dispatch/effects.js';
import { RecordHandler } from '../src/dispatch/record-handler.js';
import { limitsOf, SubscriptionTable, type SubscriptionInForce } from '../src/dispatch/subscription-table.js';

export const topics = topicNames('t.');
export const P0 = { topic: topics.deliveries, partition: 0 };

export class Unavailable extends Error {
  readonly retryable = true;
}

export const ok: AttemptResponse = {
  kind: 'response',
  status: 200,
  headers: { 'set-cookie': 'session=1', server: 'x' },
  body: Buffer.from('thanks'),
  bodyTruncated: false,
  durationMs: 4.4,
};

export const range = (count: number) => Array.from({ length: count }, (_, n) => n);
export const anEventOf = (n: number) => ({ ...aDueDelivery().event, id: `evt_${n}` as const });

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

/** The real dispatcher and engine; endpoint, broker and clock are fakes. */
export function aDispatcher() {
  const written: OutgoingRecord[] = [];
  const requests: AttemptRequest[] = [];
  /** The deliveries of each request that was sent, where they were several or might have been. */
  const batches: string[][] = [];
  const fatal: unknown[] = [];
  const defects: unknown[] = [];
  const notYet: string[] = [];
  const composable: (deliveries: readonly Delivery[]) => boolean = () => true;
  const rendering: { done?: () => Promise<void> } = {};
  const state = {
    /** Where `done` is given, requests are made only after it. */
    rendering,
    answer: (): Promise<AttemptOutcome> | AttemptOutcome => ok,
    publish: (record: OutgoingRecord): unknown => written.push(record),
    /** What a record waits for in the producer. */
    sent: (): Promise<void> => Promise.resolve(),
    prepare: (): void => undefined,
    /** Whether a request can be made of these together; those that are `unrenderable` prevent it in any case. */
    composable,
    connected: (): Promise<void> => Promise.resolve(),
    open: true,
    /** What requests are made of cannot be had. */
    notYet: false,
    nowMs: NOW_MS,
  };
  const observer: DispatchObserver = {
    attempted: () => undefined,
    repeated: () => undefined,
    holdingBack: () => undefined,
    postponed: () => undefined,
    ended: () => undefined,
    deadLettered: () => undefined,
    defect: (error) => defects.push(error),
    effectDelayed: () => undefined,
    notYet: (_, detail) => notYet.push(detail),
  };
  const prepared = (
    delivery: Delivery,
    { document }: SubscriptionInForce,
    others: readonly Delivery[] = [],
  ): PreparedAttempt => {
    state.prepare();
    if (state.notYet) return { ok: false, notBeforeMs: state.nowMs, detail: 'no entity' };
    const all = [delivery, ...others];
    const member = all.findIndex(({ data }) => data.toString() === 'unrenderable');
    if (member >= 0) return { ok: false, reason: 'invalid-json', detail: 'no JSON', member };
    if (!state.composable(all)) return { ok: false, reason: 'template-failed', detail: 'too much' };
    const { url, method, headers } = document.settings.endpoint;
    const body = document.settings.payload.batch && Buffer.from(all.map(({ id }) => id).join());
    const request = { url, method, headers, ...(body && { body }) };
    return {
      ok: true,
      request,
      send: async (mayBegin) => {
        await state.connected();
        if (!mayBegin()) return { kind: 'withheld' };
        requests.push(request);
        batches.push(all.map(({ id }) => id));
        return await state.answer();
      },
    };
  };
  const subscriptions = new SubscriptionTable({ open: () => Buffer.alloc(32) });
  const trackers = new TrackerTable();
  const endpoints = new Endpoints({
    limits: (id) => limitsOf(subscriptions.get(id)),
    restore: () => undefined,
    tell: () => undefined,
    workShare: () => 0,
    slowPlaces: 256,
    now: () => state.nowMs,
  });
  const dispatcher = new Dispatcher({
    trackers,
    endpoints,
    now: () => state.nowMs,
    observer,
    handler: new RecordHandler({
      runs: new NewestRuns(),
      topics,
      subscriptions,
      endpoints,
      observer,
      attempts: {
        prepare: (delivery, subscription, _nowMs, others) =>
          state.rendering.done
            ? state.rendering.done().then(() => prepared(delivery, subscription, others))
            : prepared(delivery, subscription, others),
      },
      maxEventBytes: 1_000,
      now: () => state.nowMs,
      random: () => 0.5,
      mayBlame: () => state.open,
    }),
    effects: new EffectWriter({
      publisher: {
        publish: async (record, mayWrite) => {
          await state.sent();
          if (mayWrite && !mayWrite()) throw Object.assign(new Error('withheld'), { retryable: true });
          await Promise.resolve(state.publish(record));
          return { offset: written.length - 1 };
        },
      },
      sleep: () => settled(),
      onRetry: () => undefined,
      isMember: () => state.open,
    }),
    flow: { pause: () => undefined, resume: () => undefined },
    limits: DEFAULT_LANE_LIMITS,
    ordered: {
      topics: { source: topics.deliveriesFifo, hold: topics.fifoHold },
      ends: () => Promise.resolve(new Map()),
      read: () => Promise.reject(new Error('not expected')),
      vanished: () => undefined,
    },
    batchOf: (id) => subscriptions.batchOf(id),
    mayStart: () => state.open,
    onFatal: (error) => fatal.push(error),
  });
  const owner = trackers.assign(P0, undefined);
  const take = async (...records: ConsumedRecord[]) => {
    const firstOffset = records[0]?.offset ?? 0;
    const lastOffset = records.at(-1)?.offset ?? 0;
    dispatcher.accept({ ...P0, records, firstOffset, lastOffset, highWatermark: lastOffset + 1 });
    await settled();
  };
  const committable = () => owner.tracker.commitPoint().offset;
  const topicsWritten = () => written.map(({ topic }) => topic);
  return {
    dispatcher,
    trackers,
    subscriptions,
    state,
    written,
    topicsWritten,
    requests,
    batches,
    fatal,
    defects,
    notYet,
    take,
    committable,
  };
}
