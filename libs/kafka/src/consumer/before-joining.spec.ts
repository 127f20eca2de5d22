import { describe, expect, it } from '@jest/globals';
import { awaitBeforeJoining } from './before-joining.js';

// A stand-in for a broker: when a real group rebalances cannot be chosen. The real one is in the conformance suite.
describe('awaitBeforeJoining', () => {
  it('asks to join only when what is to be done before is done, every time', async () => {
    const log: unknown[] = [];
    const broker = { joinGroup: (request: object) => Promise.resolve(log.push(request)) };
    awaitBeforeJoining(broker, () => Promise.resolve().then(() => log.push('settled')));
    for (const id of ['first', 'second']) await broker.joinGroup({ id });
    expect(log).toEqual(['settled', { id: 'first' }, 'settled', { id: 'second' }]);
  });

  it('leaves a broker of another shape alone', () => {
    const broker = {};
    awaitBeforeJoining(broker, () => Promise.resolve());
    expect(broker).toEqual({});
  });
});
