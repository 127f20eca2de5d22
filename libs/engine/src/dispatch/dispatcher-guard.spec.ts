import { describe, expect, it } from '@jest/globals';
import { decodeDeadLetter } from '@hookstream/contracts';
import { aDueDelivery, aDocument, aRecord, asRead } from '@hookstream/testing';
import { aDispatcher, range, settled, topics } from '../../test/dispatcher-bed.js';
import { EffectTooLarge } from './effects.js';

describe('Dispatcher, where it cannot handle its records', () => {
  it('buries what it fails to handle by a defect, ten of them, and then takes no more and says why', async () => {
    const { dispatcher, subscriptions, take, state, fatal, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.answer = () => {
      throw new Error('a bug');
    };
    for (let offset = 0; offset < 30; offset += 1) await take(aRecord(offset, aDueDelivery({ attempt: offset + 1 })));
    expect(written.filter(({ topic }) => topic === topics.deadLetters)).toHaveLength(10);
    expect([fatal.length, committable()]).toEqual([0, 10]);
    expect(dispatcher.heldBackBecause).toContain('defect');
    await dispatcher.drain();
    expect([written.length, committable()]).toEqual([20, 10]);
  });

  it('tries a record each second while it holds back, and goes on with all when one passes', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    state.prepare = () => {
      throw new Error('no key opens this secret');
    };
    await take(...range(40).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1 }))));
    const buried = () => written.filter(({ topic }) => topic === topics.deadLetters).length;
    const trials = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        state.nowMs += 1_000;
        dispatcher.tick();
        await settled();
      }
    };
    await trials(20);
    expect([buried(), requests.length, committable()]).toEqual([10, 0, 10]);
    state.prepare = () => undefined;
    await trials(1);
    expect([buried(), requests.length, committable()]).toEqual([10, 30, 40]);
    expect(dispatcher.heldBackBecause).toBeUndefined();
  });

  it('does not bury everything when the configuration it knew is gone', async () => {
    const { dispatcher, subscriptions, take, state, requests, written, committable } = aDispatcher();
    state.nowMs += 300_000;
    await take(...range(40).map((n) => aRecord(n, aDueDelivery({ attempt: n + 1 }))));
    expect(written.filter(({ topic }) => topic === topics.deadLetters)).toHaveLength(10);
    expect(dispatcher.heldBackBecause).toContain('unknown-subscription');
    subscriptions.onSubscription(aDocument());
    state.nowMs += 1_000;
    dispatcher.tick();
    await settled();
    expect([requests.length, committable()]).toEqual([30, 40]);
  });

  it('buries a record whose report its topic never takes', async () => {
    const { subscriptions, take, state, written, committable } = aDispatcher();
    subscriptions.onSubscription(aDocument());
    const takes = state.publish;
    let tooLarge = true;
    state.publish = (record) => {
      if (!tooLarge) return takes(record);
      tooLarge = false;
      throw new EffectTooLarge('2 MiB');
    };
    await take(aRecord(0, aDueDelivery()));
    const letter = written.find(({ topic }) => topic === topics.deadLetters);
    expect(letter && decodeDeadLetter(asRead(letter)).reason).toBe('defect');
    expect(committable()).toBe(1);
  });
});
