import { isUtf8 } from 'node:buffer';
import { type IncomingHttpHeaders } from 'node:http';
import { HOPS_HEADER, splitJsonArray, TRACEPARENT_HEADER } from '@hookstream/contracts';
import { parseBody, Problem } from '@hookstream/service';
import { type SubmittedEvent } from '../core/events/event-intake.js';
import { eventRequest } from '../core/events/event-request.js';
import { decodeHeaderValue } from './cloud-event-header.js';

const BATCH_TYPE = 'application/cloudevents-batch+json';
const STRUCTURED_TYPE = 'application/cloudevents+json';
const JSON_TYPE = /^application\/(?:[^;\s]+\+)?json$/;
const MAX_BATCH_EVENTS = 10_000;

export type Submission =
  | { readonly kind: 'one'; readonly event: SubmittedEvent }
  | { readonly kind: 'batch'; readonly events: readonly SubmittedEvent[] };

/**
 * Reads a request to `POST /v1/events`: CloudEvents 1.0 in binary, structured or batched mode (HTTP protocol binding
 * 1.0.2 §3), or the plain form. Data stays the bytes that were sent.
 *
 * @throws Problem for what is none of them
 */
export function submittedEvents(headers: IncomingHttpHeaders, body: Buffer, maxEventBytes: number): Submission {
  const contentType = headers['content-type'] ?? '';
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === BATCH_TYPE) return { kind: 'batch', events: batch(headers, body) };
  refuseLarger(body, maxEventBytes);
  if (mediaType === STRUCTURED_TYPE) return { kind: 'one', event: structured(headers, body) };
  if (mediaType.startsWith('application/cloudevents')) throw unsupported();
  if (headers['ce-specversion'] !== undefined || headers['ce-type'] !== undefined) {
    return { kind: 'one', event: binary(headers, body) };
  }
  if (JSON_TYPE.test(mediaType)) return { kind: 'one', event: plain(headers, body) };
  if (body.length === 0) throw new Problem('malformed-json', { detail: 'The body is empty: send an event.' });
  throw unsupported();
}

function batch(headers: IncomingHttpHeaders, body: Buffer): SubmittedEvent[] {
  const elements = splitJsonArray(body);
  if (!elements) throw new Problem('malformed-json', { detail: 'A batch is a JSON array of CloudEvents in UTF-8.' });
  if (elements.length > MAX_BATCH_EVENTS) {
    throw new Problem('payload-too-large', { detail: `A batch holds at most ${MAX_BATCH_EVENTS} events.` });
  }
  return elements.map((element, index) => structured(headers, element, `/${index}/data`));
}

function structured(headers: IncomingHttpHeaders, value: Buffer, dataPointer = '/data'): SubmittedEvent {
  return {
    organization: memberText(parseJson(value), 'organization'),
    headers: { ...passedOn(headers), 'content-type': Buffer.from(STRUCTURED_TYPE) },
    value,
    dataPointer,
  };
}

function binary(headers: IncomingHttpHeaders, body: Buffer): SubmittedEvent {
  const attributes = Object.entries(headers).flatMap(([name, value]): [string, Buffer][] =>
    name.startsWith('ce-') && typeof value === 'string' ? [[`ce_${name.slice(3)}`, decodeHeaderValue(value)]] : [],
  );
  const organization = attributes.find(([name]) => name === 'ce_organization')?.[1].toString('utf8');
  const contentType = headers['content-type'];
  return {
    organization,
    headers: {
      ...passedOn(headers),
      ...Object.fromEntries(attributes),
      ...(contentType !== undefined && { 'content-type': Buffer.from(contentType) }),
    },
    value: body,
    dataPointer: '',
  };
}

function plain(headers: IncomingHttpHeaders, value: Buffer): SubmittedEvent {
  const { organization } = parseBody(eventRequest, parseJson(value));
  return { organization, headers: passedOn(headers), value, dataPointer: '/data' };
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Problem('malformed-json', { detail: 'The body is not in UTF-8.' });
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    return json;
  } catch (error) {
    throw new Problem('malformed-json', { ...(error instanceof Error && { detail: error.message }), cause: error });
  }
}

function memberText(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const member: unknown = Reflect.get(value, name);
  if (typeof member === 'string') return member;
  if (member === null) return undefined;
  const error = { pointer: `/${name}`, message: 'must be a string' };
  throw new Problem('invalid-request', { detail: `${error.pointer}: ${error.message}`, errors: [error] });
}

/** What an event takes over from its request: its trace, and how often it has been delivered already. */
function passedOn(headers: IncomingHttpHeaders): Readonly<Record<string, Buffer>> {
  const passed = [TRACEPARENT_HEADER, HOPS_HEADER].flatMap((name): [string, Buffer][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, Buffer.from(value)]] : [];
  });
  return Object.fromEntries(passed);
}

function refuseLarger(body: Buffer, maxEventBytes: number): void {
  if (body.length <= maxEventBytes) return;
  throw new Problem('payload-too-large', {
    detail: `An event has at most ${maxEventBytes} bytes, this request has ${body.length}.`,
  });
}

function unsupported(): Problem {
  return new Problem('unsupported-media-type', {
    detail: `Send application/json, ${STRUCTURED_TYPE}, ${BATCH_TYPE}, or a CloudEvent in binary mode with its ce-* headers.`,
  });
}
