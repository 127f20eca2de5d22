import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { anAttempt, anEvent, aRouting, reportRecord, routedRecord, T0 } from '../../../test/support/records.js';
import type { LogUnit } from './log-unit.js';
import { PendingHold } from './pending-hold.js';
import { rowsOfReport, rowsOfRoutedBatch } from './rows-of-record.js';

const HOLD_MS = 1_000;

function routed(...events: readonly number[]): LogUnit {
  const record = routedRecord(...events.map((n) => aRouting(anEvent(n))));
  return { record, rows: rowsOfRoutedBatch(record) };
}

function routedToNobody(n: number): LogUnit {
  const record = routedRecord(aRouting(anEvent(n), { matched: [], skipped: ['sub_9'] }));
  return { record, rows: rowsOfRoutedBatch(record) };
}

/** The rows of a delivery's end. */
function ends(...events: readonly number[]) {
  return events.flatMap((n) => rowsOfReport(reportRecord(anAttempt(anEvent(n), { firstSeenAtMs: T0 }))).deliveries);
}

function store(hold: PendingHold, ...events: readonly number[]): void {
  for (const row of ends(...events)) hold.stored(row);
}

const eventsIn = (units: readonly LogUnit[]) =>
  units.flatMap(({ rows }) => rows.deliveries.map(({ event }) => event.id));

/** What came of the wait so far. */
function outcomeOf(waiting: Promise<readonly LogUnit[]>): { units: readonly LogUnit[] | undefined } {
  const outcome: { units: readonly LogUnit[] | undefined } = { units: undefined };
  void waiting.then((units) => (outcome.units = units));
  return outcome;
}

const after = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('what was routed', () => {
  it('is never written as pending when it is finished within the time', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 100 });
    const outcome = outcomeOf(hold.wait([routed(1, 2)]));
    store(hold, 1);
    await after(10);
    expect(outcome.units).toBeUndefined();
    store(hold, 2);
    await after(0);
    expect(outcome.units).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is written as pending, without what is finished, when the time is up', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 100 });
    const outcome = outcomeOf(hold.wait([routed(1, 2), routed(3)]));
    store(hold, 1, 3);
    await after(HOLD_MS);
    expect(eventsIn(outcome.units ?? [])).toEqual([anEvent(2).id]);
  });

  it('is held longer while deliveries reach their end late, but five times as long at most', async () => {
    let nowMs = T0;
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 1_000, nowMs: () => nowMs });
    const backlog = Array.from({ length: 500 }, (_, n) => n + 10);
    nowMs += 2 * HOLD_MS;
    store(hold, ...backlog);
    const late = outcomeOf(hold.wait([routed(1)]));
    await after(3.9 * HOLD_MS);
    expect(late.units).toBeUndefined();
    await after(0.2 * HOLD_MS);
    expect(eventsIn(late.units ?? [])).toEqual([anEvent(1).id]);

    nowMs += 60 * HOLD_MS;
    store(hold, ...backlog);
    const stuck = outcomeOf(hold.wait([routed(2)]));
    await after(5 * HOLD_MS);
    expect(eventsIn(stuck.units ?? [])).toEqual([anEvent(2).id]);
  });

  it('is held longer when others turn out to end late while it is held', async () => {
    let nowMs = T0;
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 1_000, nowMs: () => nowMs });
    const outcome = outcomeOf(hold.wait([routed(1)]));
    nowMs += HOLD_MS;
    store(hold, ...Array.from({ length: 500 }, (_, n) => n + 10));
    await after(1.9 * HOLD_MS);
    expect(outcome.units).toBeUndefined();
    store(hold, 1);
    await after(0);
    expect(outcome.units).toEqual([]);
  });

  it('is held no longer than at rest once nothing has ended for a while', async () => {
    let nowMs = T0 + 2 * HOLD_MS;
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 1_000, nowMs: () => nowMs });
    store(hold, ...Array.from({ length: 500 }, (_, n) => n + 10));
    nowMs += 2 * HOLD_MS;
    const outcome = outcomeOf(hold.wait([routed(1)]));
    await after(HOLD_MS);
    expect(eventsIn(outcome.units ?? [])).toEqual([anEvent(1).id]);
  });

  it('is left out when its end was stored before', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 100 });
    store(hold, 1);
    expect(await hold.wait([routed(1)])).toEqual([]);
  });

  it('is written when it was created before the stored one says', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 100 });
    for (const row of ends(1)) hold.stored({ ...row, createdAtMs: row.createdAtMs + 1 });
    const outcome = outcomeOf(hold.wait([routed(1)]));
    await after(HOLD_MS);
    expect(eventsIn(outcome.units ?? [])).toEqual([anEvent(1).id]);
  });

  it('keeps what the router says besides, at once where nothing else is open', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 100 });
    const unit = routedToNobody(1);
    expect(await hold.wait([unit])).toEqual([unit]);
  });

  it('is let through at once when too much is held', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 2 });
    const outcome = outcomeOf(hold.wait([routed(1, 2)]));
    expect(eventsIn(await hold.wait([routed(3)]))).toEqual([anEvent(3).id]);
    await after(HOLD_MS);
    expect(eventsIn(outcome.units ?? [])).toEqual([anEvent(1).id, anEvent(2).id]);
  });

  it('is written once for two batches that hold the same delivery, or twice, never not at all', async () => {
    const hold = new PendingHold({ holdMs: HOLD_MS, maxHeld: 100 });
    const outcomes = [outcomeOf(hold.wait([routed(1)])), outcomeOf(hold.wait([routed(1)]))];
    await after(HOLD_MS);
    for (const { units } of outcomes) expect(eventsIn(units ?? [])).toEqual([anEvent(1).id]);
  });
});
