import kafkajs from 'kafkajs';
import { createRequire } from 'node:module';
import { type FetchRequest, writeFetchRequest } from '../wire/fetch-request.js';
import { readFetchResponse } from '../wire/fetch-response.js';
import { type ProduceAnswer, type ProduceRequest, tellWritten, writeProduceRequest } from '../wire/produce-request.js';

interface Definition<Asked, Answered> {
  protocol(options: { readonly version: number }): (asked: Asked) => Answered;
}

interface Produce {
  readonly request: { encode(): Promise<unknown> };
  readonly response: { parse(answer: ProduceAnswer): Promise<unknown> };
}

interface Fetch {
  readonly request: { encode(): Promise<unknown> };
  readonly response: { decode(payload: Buffer): Promise<unknown> };
}

interface Definitions {
  readonly Produce: Definition<ProduceRequest, Produce>;
  readonly Fetch: Definition<FetchRequest, Fetch>;
}

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(payload: Buffer): Promise<Buffer>;
}

/** The versions that kafkajs 2.2.4 and any Kafka from 2.3 on agree on. */
const PRODUCE_VERSION = 7;
const FETCH_VERSION = 11;
const COMPRESSION_MASK = 0x07;

const replaced = new WeakSet<object>();

export function requestDefinitions(): unknown {
  const requests: unknown = createRequire(import.meta.url)('kafkajs/src/protocol/requests');
  return typeof requests === 'object' && requests !== null ? Reflect.get(requests, 'requests') : undefined;
}

/**
 * Lets kafkajs 2.2.4 write and read records by our own code: its own takes an encoder with a buffer for every field of every
 * record (28.9 µs a record to write and 3.7 to read, ours 1.7 and 2.3), and for every partition that is asked for. Only these steps are
 * replaced, and an answer that refuses one partition of a request still tells the records of the others that they are written;
 * connections, metadata, errors and groups stay kafkajs's. ADR 14.
 *
 * @returns false where kafkajs no longer has the shape this relies on; nothing is changed then, a test fails.
 */
export function replaceRecordFormat(definitions: unknown = requestDefinitions()): boolean {
  if (!isDefinitions(definitions)) return false;
  if (replaced.has(definitions)) return true;
  replaced.add(definitions);
  const { Produce, Fetch } = definitions;
  const produce = Produce.protocol.bind(Produce);
  Produce.protocol = ({ version }) => {
    const original = produce({ version });
    if (version !== PRODUCE_VERSION) return original;
    return (asked) => {
      const { request, response, ...rest } = original(asked);
      const parse = (answer: ProduceAnswer) => {
        tellWritten(asked, answer);
        return response.parse(answer);
      };
      return { ...rest, request: { ...request, encode: () => encoded(asked) }, response: { ...response, parse } };
    };
  };
  const fetch = Fetch.protocol.bind(Fetch);
  Fetch.protocol = ({ version }) => {
    const original = fetch({ version });
    if (version !== FETCH_VERSION) return original;
    return (asked) => {
      const { request, response, ...rest } = original(asked);
      const encode = () => Promise.resolve(appendable(writeFetchRequest(asked)));
      const decode = (payload: Buffer) => decoded(payload, response);
      return { ...rest, request: { ...request, encode }, response: { ...response, decode } };
    };
  };
  return true;
}

async function encoded(asked: ProduceRequest): Promise<unknown> {
  return appendable(await writeProduceRequest(asked, codecOf, Date.now()));
}

/** What kafkajs takes for one of its encoders and appends to the request's header. */
function appendable(buffer: Buffer): { readonly buf: Buffer; readonly buffer: Buffer } {
  return { buf: buffer, buffer };
}

async function decoded(payload: Buffer, original: Fetch['response']): Promise<unknown> {
  return (await readFetchResponse(payload, codecOf)) ?? original.decode(payload);
}

/** The codec that the attributes of a batch name; undefined for none. */
export function codecOf(attributes: number): Codec | undefined {
  const codecs: Readonly<Record<number, (() => Codec) | undefined>> = kafkajs.CompressionCodecs;
  return codecs[attributes & COMPRESSION_MASK]?.();
}

function isDefinitions(value: unknown): value is Definitions {
  if (typeof value !== 'object' || value === null) return false;
  return ['Produce', 'Fetch'].every((name) => {
    const definition: unknown = Reflect.get(value, name);
    return (
      typeof definition === 'object' && definition !== null && typeof Reflect.get(definition, 'protocol') === 'function'
    );
  });
}
