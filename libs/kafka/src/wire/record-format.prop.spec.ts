import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codecOf, requestDefinitions } from '../client/record-format.js';
import { registerCodecs } from '../codecs/codecs.js';
import { type FetchRequest, writeFetchRequest } from './fetch-request.js';
import { readFetchResponse } from './fetch-response.js';
import { type ProduceRequest, writeProduceRequest } from './produce-request.js';

interface Protocol {
  readonly request: { encode(): Promise<{ readonly buffer: Buffer }> };
  readonly response: { decode(payload: Buffer): Promise<unknown> };
}

/** What kafkajs itself writes and reads: ours must not be told apart from it. */
const kafkajs = requestDefinitions() as Record<
  'Produce' | 'Fetch',
  { protocol(options: { version: number }): (asked: object) => Protocol }
>;
registerCodecs();

const NOW_MS = 1_790_000_000_000;
const bytes = fc.uint8Array({ maxLength: 150 }).map((array) => Buffer.from(array));
const text = fc.oneof(fc.string({ maxLength: 140 }), fc.string({ maxLength: 80, unit: 'binary' }));
const value = fc.oneof(bytes, text);
/** Not `valueOf` and the like, of which kafkajs makes a mess. */
const name = text.map((rest) => `.${rest}`);
const message = fc.record({
  key: fc.option(value),
  value: fc.option(value),
  headers: fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 3 })), { maxKeys: 4 }),
  timestamp: fc.integer({ min: NOW_MS, max: NOW_MS + 5_000_000_000 }),
});
const partition = fc.record({
  partition: fc.nat(50),
  firstSequence: fc.nat(),
  messages: fc.array(message, { minLength: 1, maxLength: 12 }),
});
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  transactionalId: fc.constantFrom(undefined, 'transactional'),
  producerId: fc.constantFrom('-1', '12345678901234'),
  producerEpoch: fc.nat(1_000),
  compression: fc.constantFrom(0, 0, 0, 1, 2, 3),
  topicData: fc.array(fc.record({ topic: text, partitions: fc.array(partition, { maxLength: 4 }) }), { maxLength: 3 }),
});

const fetchRequest: fc.Arbitrary<FetchRequest> = fc.record({
  replicaId: fc.constant(-1),
  isolationLevel: fc.constantFrom(0, 1),
  maxWaitTime: fc.nat(),
  minBytes: fc.nat(),
  maxBytes: fc.nat(),
  topics: fc.array(
    fc.record({
      topic: text,
      partitions: fc.array(
        fc.record({ partition: fc.nat(50), fetchOffset: fc.maxSafeNat().map(String), maxBytes: fc.nat() }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 3 },
  ),
  rackId: text,
});

/** An answer to a fetch of one partition that holds the batches. */
function fetchAnswer(batches: Buffer): Buffer {
  const head = Buffer.alloc(4 + 2 + 4 + 4 + 2 + 1 + 4);
  head.writeInt32BE(7, 0);
  head.writeInt32BE(1, 10);
  head.writeInt16BE(1, 14);
  head.write('t', 16);
  head.writeInt32BE(1, 17);
  const partition = Buffer.alloc(4 + 2 + 8 + 8 + 8 + 4 + 16 + 4 + 4);
  partition.writeBigInt64BE(99n, 6);
  partition.writeInt32BE(1, 30);
  partition.writeBigInt64BE(5n, 34);
  partition.writeInt32BE(batches.length, 54);
  return Buffer.concat([head, partition, batches]);
}

/** The batches of all partitions, one after the other, as they lie in a log. */
async function writtenBatches(asked: ProduceRequest): Promise<Buffer> {
  const batches: Buffer[] = [];
  for (const { partitions } of asked.topicData) {
    for (const one of partitions) {
      const whole = await writeProduceRequest({ ...asked, topicData: [{ topic: '', partitions: [one] }] }, codecOf, 0);
      const idBytes = asked.transactionalId?.length ?? 0;
      batches.push(whole.subarray(2 + idBytes + 2 + 4 + 4 + 2 + 4 + 4 + 4));
    }
  }
  return Buffer.concat(batches);
}

describe('the record format', () => {
  it('is written byte for byte as kafkajs writes it', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const theirs = await kafkajs.Produce.protocol({ version: 7 })(asked).request.encode();
        expect((await writeProduceRequest(asked, codecOf, NOW_MS)).equals(theirs.buffer)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is asked for byte for byte as kafkajs asks for it', async () => {
    await fc.assert(
      fc.asyncProperty(fetchRequest, async (asked) => {
        const theirs = await kafkajs.Fetch.protocol({ version: 11 })(asked).request.encode();
        expect(writeFetchRequest(asked).equals(theirs.buffer)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is read as kafkajs reads it, whole or cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(request, fc.nat(), async (asked, cut) => {
        const whole = await writtenBatches(asked);
        for (const batches of [whole, whole.subarray(0, cut % (whole.length + 1))]) {
          if (batches.length > 0 && batches.length < 61) continue;
          const answer = fetchAnswer(batches);
          const theirs = await kafkajs.Fetch.protocol({ version: 11 })({}).response.decode(answer);
          expect(await readFetchResponse(answer, codecOf)).toEqual(theirs);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a header named __proto__, which kafkajs loses', async () => {
    const headers = Object.fromEntries([['__proto__', 'x']]);
    const messages = [{ value: null, headers, timestamp: 1 }];
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
    const answer = await readFetchResponse(
      fetchAnswer(await writtenBatches({ acks: -1, timeout: 1, topicData })),
      codecOf,
    );
    const read = answer?.responses[0]?.partitions[0]?.messages[0]?.headers ?? {};
    expect(Object.keys(read)).toEqual(['__proto__']);
  });

  it('leaves the formats before Kafka 0.11 to kafkajs', async () => {
    const oldSet = Buffer.alloc(80);
    expect(await readFetchResponse(fetchAnswer(oldSet), codecOf)).toBeUndefined();
  });

  it('refuses a record that ends outside its batch', async () => {
    const messages = [{ value: 'x'.repeat(50), timestamp: 1 }];
    const batch = await writtenBatches({
      acks: -1,
      timeout: 1,
      topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
    });
    batch[batch.indexOf('xxx') - 1] = 126;
    await expect(readFetchResponse(fetchAnswer(batch), codecOf)).rejects.toBeInstanceOf(RangeError);
  });
});
