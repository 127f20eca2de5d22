import { describe, expect, it } from '@jest/globals';
import { renderBatch } from './batch.js';
import { type RenderableEvent } from './renderable-event.js';

const event = (id: string, data = '{"n":1.50}', part: Partial<RenderableEvent> = {}): RenderableEvent => ({
  ...{ id, source: 'billing', type: 'invoice.submitted', time: '2026-01-02T03:04:05Z', data: Buffer.from(data) },
  ...part,
});
const entries = (...events: RenderableEvent[]) => events.map((each, n) => ({ id: `dlv_${n}`, event: each }));
const text = (result: ReturnType<typeof renderBatch>) => (result.ok ? result.body.toString() : result.detail);

describe('several events in one body', () => {
  it('are in JSON an array of envelopes, each with the id of its delivery', () => {
    const envelope = '"type":"invoice.submitted","timestamp":"2026-01-02T03:04:05Z","data":{"n":1.50}}';
    const result = renderBatch('json', entries(event('a'), event('b')));
    expect(text(result)).toBe(`[{"id":"dlv_0",${envelope},{"id":"dlv_1",${envelope}]`);
    expect(result).toMatchObject({ contentType: 'application/json' });
  });

  it('are in CloudEvents a batch of structured events', () => {
    const binary = event('b', '\u0001', { contentType: 'application/octet-stream', extensions: { tenant: '7' } });
    const result = renderBatch('cloudevents-structured', entries(event('a'), binary));
    const common = { specversion: '1.0', source: 'billing', type: 'invoice.submitted', time: '2026-01-02T03:04:05Z' };
    expect(JSON.parse(text(result))).toEqual([
      { ...common, id: 'a', data: { n: 1.5 } },
      { ...common, id: 'b', tenant: '7', datacontenttype: 'application/octet-stream', data_base64: 'AQ==' },
    ]);
    expect(result).toMatchObject({ contentType: 'application/cloudevents-batch+json; charset=utf-8' });
  });

  it('of which one is no JSON are refused with the one that it is', () => {
    expect(renderBatch('json', entries(event('a'), event('b', '{'), event('c')))).toMatchObject({
      ...{ ok: false, reason: 'invalid-json', entry: 1 },
    });
  });

  it('may be one', () => {
    expect(text(renderBatch('json', entries(event('a'))))).toMatch(/^\[\{"id":"dlv_0".*\}\]$/);
  });
});
