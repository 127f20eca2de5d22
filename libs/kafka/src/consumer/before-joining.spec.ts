import { describe, expect, it } from '@jest/globals';
import { type Broker, type Cluster } from 'kafkajs';
import { awaitBeforeJoining } from './before-joining.js';

/** A stand-in: when a real group rebalances cannot be chosen. The real one is in group.int.spec. */
function clusterOf(broker: object): Cluster {
  return { findGroupCoordinator: () => Promise.resolve(broker as Broker) } as unknown as Cluster;
}

describe('awaitBeforeJoining', () => {
  it('asks to join only when what is to be done before is done, every time', async () => {
    const log: string[] = [];
    const cluster = clusterOf({ joinGroup: (request: string) => Promise.resolve(log.push(request)) });
    awaitBeforeJoining(cluster, () => Promise.resolve().then(() => log.push('settled')));
    for (const request of ['first', 'second']) {
      const broker = (await cluster.findGroupCoordinator({ groupId: 'g' })) as unknown as {
        joinGroup(request: string): Promise<unknown>;
      };
      await broker.joinGroup(request);
    }
    expect(log).toEqual(['settled', 'first', 'settled', 'second']);
  });

  it('leaves a broker of another shape alone', async () => {
    const broker = {};
    const cluster = clusterOf(broker);
    awaitBeforeJoining(cluster, () => Promise.resolve());
    expect(await cluster.findGroupCoordinator({ groupId: 'g' })).toBe(broker);
  });
});
