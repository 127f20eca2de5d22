import { describe, expect, it } from '@jest/globals';
import { type Broker } from 'kafkajs';
import { adaptBrokers } from './adapt-brokers.js';

/** Of a broker only its being one and the same counts here. */
const aBroker = () => ({}) as Broker;

describe('adaptBrokers', () => {
  it('adapts each broker once, before it is given out', async () => {
    const brokers = new Map([
      ['1', aBroker()],
      ['2', aBroker()],
    ]);
    const cluster = {
      findBroker: ({ nodeId }: { nodeId: string }) => Promise.resolve(brokers.get(nodeId) ?? aBroker()),
    };
    const adapted: Broker[] = [];
    adaptBrokers(cluster, (broker) => adapted.push(broker));
    for (const nodeId of ['1', '2', '1']) expect(adapted).toContain(await cluster.findBroker({ nodeId }));
    expect(adapted).toEqual([brokers.get('1'), brokers.get('2')]);
  });
});
