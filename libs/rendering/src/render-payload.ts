import { type PlainFormat } from '@hookstream/domain';
import { renderCloudEventsBinary, renderCloudEventsStructured } from './cloud-events.js';
import { renderForm } from './form.js';
import { renderFormPayload } from './form-payload.js';
import { renderJsonEnvelope } from './json-envelope.js';
import { type PayloadDigest, renderWithMd5 } from './md5-envelope.js';
import { type RenderableEvent, type RenderResult } from './renderable-event.js';
import { renderXml } from './xml.js';

/**
 * Makes the body of a request. A pure function of its arguments: every attempt of a delivery gets the same bytes.
 * With `md5` it is put into an envelope beside its digest.
 *
 * A refusal is about the event's data, not about the receiver, and is the same on every attempt.
 */
export function renderPayload(format: PlainFormat, event: RenderableEvent, md5?: PayloadDigest): RenderResult {
  if (md5) return renderWithMd5(format, event, md5);
  switch (format) {
    case 'json':
      return renderJsonEnvelope(event);
    case 'raw':
      return { ok: true, body: event.data, contentType: event.contentType ?? 'application/json' };
    case 'form':
      return renderForm(event);
    case 'form-payload':
      return renderFormPayload(event);
    case 'xml':
      return renderXml(event);
    case 'cloudevents-binary':
      return renderCloudEventsBinary(event);
    case 'cloudevents-structured':
      return renderCloudEventsStructured(event);
  }
}
