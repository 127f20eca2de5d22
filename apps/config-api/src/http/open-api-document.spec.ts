import { describe, expect, it } from '@jest/globals';
import { PLAIN_FORMATS } from '@hookstream/domain';
import { renderPayload } from '@hookstream/rendering';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApiDocument } from './open-api-document.js';

const document = openApiDocument('https://hooks.example');

/** Every `$ref` at or below a value. */
function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string') yield member;
    else yield* references(member);
  }
}

function at(pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      document,
    );
}

function contentTypes(format: string): string[] {
  const content = at(`#/webhooks/${format}/post/requestBody/content`);
  return typeof content === 'object' && content !== null ? Object.keys(content) : [];
}

describe('the OpenAPI document', () => {
  it('holds all that it refers to', () => {
    const dangling = [...references(document)].filter((pointer) => at(pointer) === undefined);
    expect(dangling).toEqual([]);
  });

  it('has the paths of both services, of one path too', () => {
    const paths = Object.keys(document.paths ?? {});
    expect(paths).toEqual(expect.arrayContaining(['/v1/subscriptions', '/v1/deliveries/{id}', '/v1/dead-letters']));
    expect(at('#/paths/~1v1~1events')).toMatchObject({ get: {}, post: {} });
  });

  it('says of every operation how it may be refused, and of every change with If-Match that it may be outrun', () => {
    for (const item of Object.values(document.paths ?? {})) {
      for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
        if (!operation) continue;
        const statuses = Object.keys(operation.responses ?? {});
        expect(statuses).toEqual(expect.arrayContaining(['400', '401', '403', '503']));
        const takesTag = JSON.stringify(operation.parameters ?? []).includes('"If-Match"');
        expect(statuses.includes('412')).toBe(takesTag);
      }
    }
  });
});

describe('its webhooks', () => {
  it.each(PLAIN_FORMATS)('say what is sent as %s', (format) => {
    const event = {
      id: 'inv-7',
      source: 'billing',
      type: 'invoice.submitted',
      time: '2026-01-02T03:04:05Z',
      contentType: 'application/json',
      data: Buffer.from('{"amount":12.50,"lines":[]}'),
    };
    const rendered = renderPayload(format, event);
    if (!rendered.ok) throw new Error(rendered.detail);
    expect(contentTypes(format)).toContain(rendered.contentType);
    for (const name of Object.keys(rendered.headers ?? {})) {
      expect(JSON.stringify(at(`#/webhooks/${format}/post/parameters`))).toContain(`"${name}"`);
    }
    if (!rendered.contentType?.includes('json')) return;
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: 'document' });
    const place = rendered.contentType.replaceAll('/', '~1').replaceAll(' ', '%20');
    const validate = ajv.compile({
      $ref: `document#/webhooks/${format}/post/requestBody/content/${place}/schema`,
    });
    expect(validate(JSON.parse(rendered.body.toString())) ? [] : validate.errors).toEqual([]);
  });
});
