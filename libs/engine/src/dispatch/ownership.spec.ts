import { describe, expect, it } from '@jest/globals';
import { aDueDelivery, aDocument, aRecord } from '@hookstream/testing';
import { aDispatcher, ok, settled, topics } from '../../test/dispatcher-bed.js';
import type { AttemptOutcome } from './attempts.js';
import { Ownership } from './ownership.js';

/** A dispatcher with one request under way, and its place in the group; `passTime` ends whatever sleeps. */
async function anOwnership() {
  const bed = aDispatcher();
  const log: string[] = [];
  let passTime: () => void = () => undefined;
  let answer: (outcome: AttemptOutcome) => void = () => undefined;
  bed.subscriptions.onSubscription(aDocument({ concurrency: 1 }));
  bed.state.answer = () => new Promise((resolve) => (answer = resolve));
  const publish = bed.state.publish;
  bed.state.publish = (record) => {
    log.push(record.topic);
    return publish(record);
  };
  await bed.take(aRecord(0, aDueDelivery()), aRecord(1, aDueDelivery({ attempt: 2 })));
  const ownership = new Ownership({
    dispatcher: bed.dispatcher,
    offsets: { assign: () => Promise.resolve([]), flush: () => Promise.resolve(void log.push('commit')) },
    recovery: { recover: () => Promise.resolve() },
    fence: { heartbeat: () => undefined },
    sleep: () => new Promise<void>((resolve) => (passTime = resolve)),
  });
  return { ...bed, ownership, log, passTime: () => passTime(), answer: (outcome: AttemptOutcome) => answer(outcome) };
}

describe('Ownership, when partitions are about to change hands', () => {
  it('lets what is under way end with all its effects, commits, and only then gives up', async () => {
    const { ownership, log, answer, requests } = await anOwnership();
    const yielded = ownership.rebalancing().then(() => log.push('given up'));
    await settled();
    expect(log).toEqual([]);
    answer({ ...ok, status: 500 });
    await yielded;
    expect(log).toEqual([topics.delayNear, topics.attempts, 'commit', 'given up']);
    expect(requests).toHaveLength(1);
  });

  it('does not wait for an endpoint that hangs', async () => {
    const { ownership, log, passTime } = await anOwnership();
    const yielded = ownership.rebalancing();
    await settled();
    passTime();
    await yielded;
    expect(log).toEqual(['commit']);
  });

  it('starts the next one when the membership is sure again', async () => {
    const { ownership, answer, requests } = await anOwnership();
    const yielded = ownership.rebalancing();
    answer(ok);
    await yielded;
    await settled();
    expect(requests).toHaveLength(1);
    ownership.heartbeat(1);
    await settled();
    expect(requests).toHaveLength(2);
  });
});
