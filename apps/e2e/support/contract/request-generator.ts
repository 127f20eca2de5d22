import fc from 'fast-check';
import type { OpenApi, Operation, Schema } from './open-api.js';

export interface GeneratedRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly mediaType: string; readonly value: unknown } | undefined;
}

const MAX_DEPTH = 6;
const MAX_BRANCH_DEPTH = 4;
/** What clients send by mistake. */
const JUNK: readonly unknown[] = [
  null,
  '',
  0,
  -1,
  1e30,
  true,
  [],
  {},
  'x'.repeat(3_000),
  '\u2028',
  'a\nb',
  '../..',
  '%00',
];

/** Makes requests from what the document says of an operation: as it says, and near by. */
export class RequestGenerator {
  /** @param ids what stands for `{id}` in a path: ids that are there, and some that are not */
  constructor(
    private readonly document: OpenApi,
    private readonly ids: (path: string) => readonly string[],
  ) {}

  requests(path: string, { parameters = [], requestBody }: Operation): fc.Arbitrary<GeneratedRequest> {
    const ofPlace = (place: string) => {
      const here = parameters.filter((parameter) => parameter.in === place);
      const texts = here.map(({ name, schema }) => [name, this.asText(schema)] as const);
      return fc.record(Object.fromEntries(texts), { requiredKeys: [] }).map(present);
    };
    const contents = Object.entries(requestBody?.content ?? {});
    const bodies = contents.map(([mediaType, { schema }]) => {
      const valid = this.valid(schema, 0);
      const value = fc.oneof({ weight: 3, arbitrary: valid }, { weight: 2, arbitrary: spoilt(valid) });
      return value.map((made) => ({ mediaType, value: made }));
    });
    return fc.record({
      path: fc.record({ id: fc.constantFrom(...this.ids(path)) }),
      query: ofPlace('query'),
      headers: ofPlace('header'),
      body: bodies.length === 0 ? fc.constant(undefined) : fc.oneof(...bodies),
    });
  }

  private asText(schema: Schema): fc.Arbitrary<string> {
    const valid = this.valid(schema, 0).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    const junk = fc.constantFrom('', '0', '-1', 'nonsense', '"1"', '1e9', 'true');
    return fc.oneof({ weight: 3, arbitrary: valid }, { weight: 1, arbitrary: junk }).map(headerSafe);
  }

  private valid(given: Schema, depth: number): fc.Arbitrary<unknown> {
    const schema = this.resolved(given);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const branches = schema.oneOf ?? schema.anyOf;
    // A schema may hold itself: so deep, only its first form is made.
    if (branches) {
      const made = depth < MAX_BRANCH_DEPTH ? branches : branches.slice(0, 1);
      return fc.oneof(...made.map((branch) => this.valid(branch, depth + 1)));
    }
    if (schema.examples && schema.examples.length > 0) return fc.constantFrom(...schema.examples);
    const [type] = [schema.type].flat();
    switch (type) {
      case 'string':
        return textOf(schema);
      case 'integer':
        return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 1_000_000) });
      case 'number':
        return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000, noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return this.list(schema, depth);
      case 'object':
        return this.object(schema, depth);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  private list({ items = {}, minItems = 0 }: Schema, depth: number): fc.Arbitrary<unknown> {
    if (depth >= MAX_DEPTH && minItems === 0) return fc.constant([]);
    return fc.array(this.valid(items, depth + 1), { minLength: minItems, maxLength: minItems + 2 });
  }

  private object(
    { properties = {}, required = [], additionalProperties }: Schema,
    depth: number,
  ): fc.Arbitrary<unknown> {
    const named = Object.entries(properties).filter(
      // What is not available yet is `not: {}`.
      ([name, schema]) => schema.not === undefined && (depth < MAX_DEPTH || required.includes(name)),
    );
    const members = fc.record(
      Object.fromEntries(named.map(([name, schema]) => [name, this.valid(schema, depth + 1)])),
      {
        requiredKeys: [...required],
      },
    );
    if (typeof additionalProperties !== 'object') return members;
    const others = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), this.valid(additionalProperties, depth + 1), {
      maxKeys: 2,
    });
    return fc.tuple(members, others).map(([some, more]) => ({ ...more, ...some }));
  }

  private resolved(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : this.resolved(this.document.components.schemas[name] ?? {});
  }
}

function textOf({ pattern, format, minLength = 0, maxLength = 20 }: Schema): fc.Arbitrary<unknown> {
  if (format === 'date-time') return fc.constantFrom('2026-01-02T03:04:05Z', '2031-01-02T03:04:05.678+02:00');
  if (format === 'uri') return fc.constantFrom('https://receiver.example/hook', 'http://127.0.0.1:9/');
  const text = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 20)) });
  if (pattern === undefined) return text;
  const wanted = new RegExp(pattern, 'u');
  return fc.oneof(text, fc.stringMatching(/^[a-z0-9]{1,12}$/)).map((made) => (wanted.test(made) ? made : 'abc'));
}

/** A value with one place of it changed for something that is not meant to be there. */
function spoilt(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(values, fc.constantFrom(...JUNK), fc.nat(20)).map(([value, junk, at]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return junk;
    const names = [...Object.keys(value), 'unknownField'];
    return { ...value, [names[at % names.length] ?? '']: junk };
  });
}

function present(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const there = Object.entries(given).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(there);
}

/** Only such values can be sent in a header at all. */
function headerSafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '').trim();
}
