import { describe, expect, it } from '@jest/globals';
import { aDueDelivery, anEvent } from '@hookstream/testing';
import { renderable } from '../webhook-request.js';
import { EntityMemory } from './entity-memory.js';
import { TopicEntities, type EntityTable } from './topic-entities.js';

function bed() {
  const opened: { topic: string; closed: boolean; onStale: () => void }[] = [];
  const state = {
    isReady: true,
    get: (key: string): Promise<Buffer | undefined> => Promise.resolve(Buffer.from(`"${key}"`)),
  };
  const memory = new EntityMemory({ totalBytes: 100, sourceBytes: 50 });
  const entities = new TopicEntities({
    open: (topic, onStale): EntityTable => {
      const one = { topic, closed: false, onStale };
      opened.push(one);
      return {
        isReady: () => state.isReady,
        get: (key) => state.get(key),
        close: () => {
          one.closed = true;
          return Promise.resolve();
        },
      };
    },
    memory,
  });
  const event = renderable(aDueDelivery({ event: anEvent({ subject: 'inv-7' }) }));
  const read = (key = '{{event.subject}}') =>
    entities.read(event, 'sub_1', { topic: 'invoices', key, notFound: 'null' });
  return { entities, read, opened, state, memory };
}

describe('the entity of an event in a topic', () => {
  it('is the value of its key, by a table that is opened once', async () => {
    const { read, opened, memory } = bed();
    const reading = await read('invoice:{{event.subject}}');
    expect(reading).toMatchObject({ kind: 'entity', json: Buffer.from('"invoice:inv-7"') });
    await read();
    expect(opened).toMatchObject([{ topic: 'invoices' }]);
    expect(memory.bytes).toBeGreaterThan(0);
    if (reading.kind === 'entity') reading.release();
  });

  it('cannot be read before the topic was read to its end, is missing without a value, and unnamed without a key', async () => {
    const { read, state } = bed();
    state.isReady = false;
    expect(await read()).toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('not been read to its end'),
    });
    state.isReady = true;
    state.get = () => Promise.resolve(undefined);
    expect(await read()).toMatchObject({ kind: 'missing' });
    expect(await read('{{data.none}}')).toMatchObject({ kind: 'unnamed' });
  });

  it.each([
    [Buffer.from('{'), 'is no JSON'],
    [Buffer.alloc(1_048_577, ' '), 'has 1048577 bytes'],
    [Buffer.from(`"${'x'.repeat(60)}"`), 'no memory'],
  ])('cannot be read now where the value is not fit', async (value, detail) => {
    const { read, state } = bed();
    state.get = () => Promise.resolve(value);
    expect(await read()).toMatchObject({ kind: 'unavailable', detail: expect.stringContaining(detail) });
  });

  it('is read by a new table where the disk fails, or what was read counts no more', async () => {
    const { entities, read, opened, state } = bed();
    state.get = () => Promise.reject(new Error('corrupt'));
    expect(await read()).toMatchObject({ kind: 'unavailable' });
    state.get = () => Promise.resolve(Buffer.from('1'));
    await read();
    opened[1]?.onStale();
    await read();
    expect(opened.map(({ closed }) => closed)).toEqual([true, true, false]);
    await entities.close();
    expect(opened[2]?.closed).toBe(true);
  });
});
