import { describe, expect, it } from '@jest/globals';
import { TransientKafkaError } from '@hookstream/kafka';
import { Simulation } from '../simulation.js';

const record = { topic: 't', partition: 0, key: null, value: Buffer.from('v') };

function withTopic() {
  const simulation = new Simulation({ seed: 3, network: { ackMs: [50, 50] } });
  simulation.cluster.createTopic({ name: 't', partitions: 1, replication: 1, config: {} });
  const replica = simulation.replica('r');
  return { simulation, replica, log: simulation.log(replica), written: simulation.cluster.partition(record) };
}

describe('Network', () => {
  it('loses the acknowledgement of what was written when the brokers go', async () => {
    const { simulation, log, written } = withTopic();
    const sent = log.producer({ deliveryTimeoutMs: 1_000 }).send(record);
    await simulation.scheduler.runFor(20);
    expect(written.endOffset).toBe(1);
    simulation.network.refuse();
    await expect(simulation.scheduler.runUntilSettled(sent)).rejects.toThrow(TransientKafkaError);
  });

  it('has an ordered producer write once what it sends again after a lost answer', async () => {
    const { simulation, log, written } = withTopic();
    const sent = log.producer({ ordered: true }).send(record);
    await simulation.scheduler.runFor(20);
    simulation.network.refuse();
    await simulation.scheduler.runFor(500);
    simulation.network.recover();
    await expect(simulation.scheduler.runUntilSettled(sent)).resolves.toEqual({ partition: 0, offset: 0 });
    expect(written.endOffset).toBe(1);
  });

  it('brings late what was sent to silent brokers', async () => {
    const { simulation, log, written } = withTopic();
    simulation.network.fallSilent();
    const sent = log.producer().send(record);
    await simulation.scheduler.runFor(10_000);
    expect(written.endOffset).toBe(0);
    simulation.network.recover();
    await simulation.scheduler.runUntilSettled(sent);
    expect(written.endOffset).toBe(1);
  });

  it('may or may not bring what a killed process had just sent, and nothing of it out of order', async () => {
    const endings = new Set<number>();
    for (let seed = 1; seed <= 30; seed += 1) {
      const simulation = new Simulation({ seed, network: { requestMs: [5, 5] } });
      simulation.cluster.createTopic({ name: 't', partitions: 1, replication: 1, config: {} });
      const replica = simulation.replica('r');
      const producer = simulation.log(replica).producer({ maxBatchRecords: 1 });
      for (const value of ['0', '1', '2']) void producer.send({ ...record, value: Buffer.from(value) });
      await simulation.scheduler.runFor(4);
      replica.kill();
      await simulation.scheduler.runUntilIdle();
      const values = simulation.cluster.partition(record).records.map(({ value }) => String(value));
      expect(values).toEqual(['0', '1', '2'].slice(0, values.length));
      endings.add(values.length);
    }
    expect(endings.size).toBeGreaterThan(2);
  });
});
