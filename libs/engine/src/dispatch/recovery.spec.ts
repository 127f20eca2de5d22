import { describe, expect, it } from '@jest/globals';
import { encodeReport, topicNames, withoutSettling, type ConsumedRecord } from '@hookstream/contracts';
import { PartitionTracker } from '../tracker/partition-tracker.js';
import { TrackerTable } from '../tracker/tracker-table.js';
import { NOW_MS, aDueDelivery, asRead } from '@hookstream/testing';
import { NewestRuns } from './newest-runs.js';
import { Recovery, type ReportRange } from './recovery.js';
import { endingReport } from './reports.js';

const topics = topicNames('t.');
const LIMITS = { withinMs: 50, lookBackWithinMs: 50, lookBack: 4 };

/** What a commit says of a partition of which nothing is finished and reports are known up to a position. */
function committedAt(reportsFrom: number) {
  const tracker = new PartitionTracker({ offset: 0, metadata: '' });
  tracker.reportsRead(reportsFrom);
  return tracker.commitPoint();
}

const delivery = (n: number) => aDueDelivery({ id: `dlv_${String(n).padStart(32, '0')}`, attempt: n });
const keyOf = (n: number) => ({ id: delivery(n).id, run: '0', attempt: n, hops: 0 });

/** The report of the n-th delivery, which the record at offset n of a topic has brought. */
function report(n: number, topic = topics.deliveries, run = '0') {
  const of = { ...delivery(n), run };
  const { kind, atMs, ...standing } = endingReport(of, asRead({ topic, key: null, value: null }, n), {
    state: 'exhausted',
    reason: 'attempts',
    atMs: NOW_MS,
  });
  expect([kind, atMs]).toEqual(['ending', NOW_MS]);
  return encodeReport(topics.attempts, 0, {
    ...standing,
    kind: 'attempt',
    state: 'delivered',
    id: 'att_1',
    number: n,
    startedAtMs: NOW_MS,
    durationMs: 1,
    outcome: 'success',
    request: { url: 'https://a.example', method: 'POST', headers: {} },
    responseBody: Buffer.alloc(0),
  });
}

function aRecovery(
  log: readonly Omit<ConsumedRecord, 'offset'>[],
  reading: () => Promise<void> = () => Promise.resolve(),
) {
  const told = { finished: 0, reports: 0, incomplete: 0 };
  const ranges: [number, number][] = [];
  const runs = new NewestRuns();
  const recovery = new Recovery(
    {
      ends: () => Promise.resolve([{ partition: 0, offset: log.length }]),
      async read({ fromOffset, toOffset, onRecords }: ReportRange) {
        ranges.push([fromOffset, toOffset]);
        await reading();
        onRecords(log.slice(fromOffset, toOffset).map((record, index) => ({ ...record, offset: fromOffset + index })));
      },
    },
    {
      recovered: ({ finished, reports }) => Object.assign(told, { finished, reports }),
      incomplete: () => (told.incomplete += 1),
    },
    { nowMs: () => 0, abortAfter: (milliseconds) => AbortSignal.timeout(milliseconds) },
    runs,
    LIMITS,
  );
  return { recovery, told, ranges, runs };
}

function owned(reportsFrom?: number) {
  const at = { topic: topics.deliveries, partition: 0 };
  return new TrackerTable().assign(at, reportsFrom === undefined ? undefined : committedAt(reportsFrom));
}

const registered = ({ tracker }: ReturnType<typeof owned>, count: number) =>
  Array.from({ length: count }, (_, offset) => tracker.register(offset)).join(' ');

describe('Recovery', () => {
  it('settles what reports since the commit tell of, and passes on that it has read them', async () => {
    const { recovery, told } = aRecovery([report(0), report(1), report(2)].map((each) => asRead(each)));
    const owner = owned(1);
    await recovery.recover([owner]);
    expect(registered(owner, 4)).toBe('new finished finished new');
    expect(told).toEqual({ finished: 2, reports: 3, incomplete: 0 });
    expect(new PartitionTracker(owner.tracker.commitPoint()).storedReportsFrom).toBe(3);
  });

  it('is told nothing by reports of other topics, of records left open, and by what is no report', async () => {
    const poison = asRead({ topic: topics.attempts, key: null, value: null });
    const others = [report(0, topics.delayNear), withoutSettling(report(1))].map((each) => asRead(each));
    const { recovery, told } = aRecovery([...others, poison, asRead(report(2))]);
    const owner = owned(0);
    await recovery.recover([owner]);
    expect(registered(owner, 3)).toBe('new new finished');
    expect(owner.handled.add(keyOf(1))).toBe(true);
    expect(told).toMatchObject({ finished: 1, incomplete: 0 });
  });

  it('recalls the attempts of older reports, so many that a partition does not keep others waiting', async () => {
    const { recovery, ranges } = aRecovery(Array.from({ length: 10 }, (_, n) => asRead(report(n))));
    const owner = owned(8);
    await recovery.recover([owner]);
    expect(ranges).toEqual([
      [8, 10],
      [4, 8],
    ]);
    expect([3, 4, 7, 8, 9].map((n) => owner.handled.add(keyOf(n)))).toEqual([true, false, false, false, false]);
  });

  it('learns which deliveries were replayed, so that what waits of their older runs is superseded', async () => {
    const { recovery, runs } = aRecovery([asRead(report(0)), asRead(report(1, topics.deliveries, 'run_1'))]);
    await recovery.recover([owned(1)]);
    const { runStartedAtMs } = delivery(1);
    const superseded = [0, 1].map((n) => runs.supersedes(delivery(n).id, { run: '0', runStartedAtMs }));
    expect(superseded).toEqual([false, true]);
  });

  it('settles nothing without a commit, when offsets may be those of a former log, but recalls attempts', async () => {
    const { recovery } = aRecovery([report(0), report(1)].map((each) => asRead(each)));
    const owner = owned();
    await recovery.recover([owner]);
    expect(registered(owner, 2)).toBe('new new');
    expect([owner.handled.add(keyOf(1)), owner.handled.add(keyOf(2))]).toEqual([false, true]);
  });

  it('lets the partition begin when reports cannot be read in time, and says so', async () => {
    const { recovery, told } = aRecovery([asRead(report(0))], () => new Promise(() => undefined));
    const owner = owned(0);
    await recovery.recover([owner]);
    expect(told.incomplete).toBe(1);
    expect(registered(owner, 1)).toBe('new');
    expect(new PartitionTracker(owner.tracker.commitPoint()).storedReportsFrom).toBe(0);
  });

  it('does not take a position of a former log of reports for one of this', async () => {
    const { recovery, told } = aRecovery([asRead(report(0))]);
    const owner = owned(500);
    await recovery.recover([owner]);
    expect(told).toMatchObject({ finished: 0, incomplete: 0 });
    expect(new PartitionTracker(owner.tracker.commitPoint()).storedReportsFrom).toBe(1);
  });
});
