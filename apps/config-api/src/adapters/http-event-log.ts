import { isId, type EventAttributes } from '@hookstream/domain';
import { Problem } from '@hookstream/service';
import { z } from 'zod';
import { type EventLog, type StoredEvent } from '../core/subscriptions/explainer.js';

const idOf = <P extends 'evt' | 'org'>(prefix: P) =>
  z.custom<`${P}_${string}`>((value) => typeof value === 'string' && isId(prefix, value));

/** What is read of `GET /v1/events/{id}` of audit-log. */
const answered = z.object({
  id: idOf('evt'),
  organization: idOf('org'),
  externalId: z.string().nullable(),
  type: z.string(),
  source: z.string(),
  time: z.string(),
  subject: z.string().nullable(),
  dataContentType: z.string().nullable(),
  dataSchema: z.string().nullable(),
  extensions: z.record(z.string(), z.string()).nullable(),
  origin: z.object({ topic: z.string(), partition: z.number(), offset: z.number() }),
  data: z.unknown(),
  data_base64: z.base64().optional(),
});

/** Events as audit-log tells them to the caller, whose key it checks itself. */
export class HttpEventLog implements EventLog {
  constructor(
    private readonly auditLogUrl: string,
    private readonly timeoutMs: number,
  ) {}

  async find(id: string, authorization: string | undefined): Promise<StoredEvent | undefined> {
    const answer = await this.ask(`/v1/events/${id}`, authorization);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw unavailable();
    return storedEvent(answered.parse(await answer.json()));
  }

  private async ask(path: string, authorization: string | undefined): Promise<Response> {
    const headers = authorization === undefined ? {} : { authorization };
    try {
      return await fetch(this.auditLogUrl + path, { headers, signal: AbortSignal.timeout(this.timeoutMs) });
    } catch {
      throw unavailable();
    }
  }
}

function storedEvent({ data, data_base64: bytes, ...event }: z.output<typeof answered>): StoredEvent {
  const { externalId, subject, dataContentType, dataSchema, extensions } = event;
  const attributes: EventAttributes = {
    id: event.id,
    organization: event.organization,
    type: event.type,
    source: event.source,
    time: event.time,
    origin: event.origin,
    ...(externalId !== null && { externalId }),
    ...(subject !== null && { subject }),
    ...(dataContentType !== null && { dataContentType }),
    ...(dataSchema !== null && { dataSchema }),
    ...(extensions !== null && { extensions }),
  };
  return { attributes, data: bytes === undefined ? Buffer.from(JSON.stringify(data)) : Buffer.from(bytes, 'base64') };
}

function unavailable(): Problem {
  const detail = 'The log is not available at the moment; give the event itself instead of its id.';
  return new Problem('unavailable', { detail, headers: { 'Retry-After': '2' } });
}
