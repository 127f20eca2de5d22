import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Problem, type ProblemBody } from './problem.js';
import { jsonPointer } from './zod-problem.js';
import { parseBody } from './zod-body.js';

const schema = z.strictObject({
  name: z.string().min(1),
  eventTypes: z.array(z.string()).default(['**']),
  endpoint: z.strictObject({ url: z.url('must be a URL'), timeout: z.string().optional() }).optional(),
  steps: z.array(z.strictObject({ delay: z.number() })).default([]),
  place: z.union([z.strictObject({ header: z.string() }), z.strictObject({ pointer: z.string() })]).optional(),
});

function refusalOf(value: unknown): ProblemBody {
  try {
    parseBody(schema, value);
  } catch (error) {
    if (error instanceof Problem) return error.toBody();
  }
  throw new Error('it was accepted');
}

describe('parseBody', () => {
  it('returns what the schema makes of a valid body', () => {
    expect(parseBody(schema, { name: 'x' })).toEqual({ name: 'x', eventTypes: ['**'], steps: [] });
  });

  it('names an unknown field by pointer and the nearest known one', () => {
    expect(refusalOf({ name: 'x', evenTypes: [] })).toEqual({
      type: '/problems/invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail: '1 field is wrong: /evenTypes: unknown field "evenTypes"; did you mean "eventTypes"?',
      errors: [{ pointer: '/evenTypes', message: 'unknown field "evenTypes"; did you mean "eventTypes"?' }],
    });
  });

  it('finds the known names of nested objects, list items and union branches', () => {
    const body = {
      name: 'x',
      endpoint: { url: 'https://a', time_out: '5s' },
      steps: [{ delay: 1 }, { delay: 1, dely: 2 }],
    };
    expect(refusalOf(body).errors).toEqual([
      { pointer: '/endpoint/time_out', message: 'unknown field "time_out"; did you mean "timeout"?' },
      { pointer: '/steps/1/dely', message: 'unknown field "dely"; did you mean "delay"?' },
    ]);
    expect(refusalOf({ name: 'x', place: { header: 'a', poiner: 'b' } }).errors).toEqual([
      { pointer: '/place/poiner', message: 'unknown field "poiner"; did you mean "pointer"?' },
    ]);
  });

  it('lists the known fields where none is near', () => {
    expect(refusalOf({ name: 'x', endpoint: { url: 'https://a', zzz: 1 } }).errors?.[0]?.message).toBe(
      'unknown field "zzz"; known fields are url, timeout',
    );
  });

  it('tells every wrong field at once', () => {
    const { errors, detail } = refusalOf({ name: '', endpoint: { url: 'nowhere' } });
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/name', '/endpoint/url']);
    expect(detail).toMatch(/^2 fields are wrong: \/name: .+, …$/);
  });

  it('points at the whole body when it is no object', () => {
    expect(refusalOf('text').errors).toEqual([{ pointer: '', message: expect.stringContaining('object') }]);
  });
});

describe('jsonPointer', () => {
  it('escapes as RFC 6901 asks', () => {
    expect(jsonPointer(['a/b', 0, 'm~n'])).toBe('/a~1b/0/m~0n');
  });
});
