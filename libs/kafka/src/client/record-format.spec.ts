import { describe, expect, it } from '@jest/globals';
import { replaceRecordFormat, requestDefinitions } from './record-format.js';

interface Request {
  readonly request: { encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
}

type Definitions = Record<'Produce' | 'Fetch', { protocol(options: { version: number }): (asked: object) => Request }>;

const asked = {
  ...{ acks: -1, timeout: 1, compression: 0 },
  topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ key: null, value: null, timestamp: 1 }] }] }],
};

describe('the record format of the client', () => {
  it('fits the kafkajs that is installed, and is replaced once', () => {
    expect(replaceRecordFormat()).toBe(true);
    const definitions = requestDefinitions() as Definitions;
    const replaced = definitions.Produce.protocol;
    expect(replaceRecordFormat()).toBe(true);
    expect(definitions.Produce.protocol).toBe(replaced);
  });

  it.each([6, 7])('writes a Produce request of version %i as a whole that kafkajs can append', async (version) => {
    replaceRecordFormat();
    const definitions = requestDefinitions() as Definitions;
    const { buf, buffer } = await definitions.Produce.protocol({ version })(asked).request.encode();
    expect(Buffer.isBuffer(buf)).toBe(true);
    expect(buffer.length).toBeGreaterThan(61);
  });

  it('says so when the definitions have another shape', () => {
    expect(replaceRecordFormat({ Produce: {} })).toBe(false);
    expect(replaceRecordFormat(null)).toBe(false);
  });
});
