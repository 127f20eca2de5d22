/** What is wrong with a schema, and where in it: an RFC 6901 pointer. */
export interface SchemaProblem {
  readonly pointer: string;
  readonly message: string;
}

export const MAX_SCHEMA_BYTES = 65_536;
const MAX_DEPTH = 64;
const MAX_PATTERN_LENGTH = 256;
/** JSON values in a schema once every `$ref` is replaced by what it names; a character of a pattern counts as ten. */
const MAX_WEIGHT = 5_000;
const WEIGHT_OF_PATTERN_CHARACTER = 10;

/** They let a schema reach out of itself, or change its meaning by where it is evaluated. */
const REFUSED_KEYWORDS = [
  '$id',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
];
/** Where definitions lie: they weigh where they are used. */
const DEFINITIONS = new Set(['$defs', 'definitions']);

const DIALECTS = {
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
  'http://json-schema.org/draft-07/schema': 'draft-07',
} as const;
export type Dialect = (typeof DIALECTS)[keyof typeof DIALECTS];

export type Inspected =
  | { readonly ok: true; readonly weight: number; readonly dialect: Dialect }
  | { readonly ok: false; readonly problem: SchemaProblem };

/**
 * Holds a schema of a stranger to rules under which checking data against it takes time in proportion to `weight` times
 * the size of the data: only references within itself, none in a circle, and a bounded size when they are unfolded.
 */
export function inspectSchema(schema: unknown): Inspected {
  try {
    if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES) {
      throw new Refusal('', `must be at most ${MAX_SCHEMA_BYTES} bytes as JSON`);
    }
    const dialect = dialectOf(schema);
    const inspection = new Inspection(schema);
    return { ok: true, weight: inspection.weigh(schema, '', 0), dialect };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: { pointer: error.pointer, message: error.message } };
    throw error;
  }
}

class Refusal extends Error {
  constructor(
    readonly pointer: string,
    message: string,
  ) {
    super(message);
  }
}

function dialectOf(schema: unknown): Dialect {
  if (typeof schema === 'boolean') return '2020-12';
  if (!isObject(schema)) throw new Refusal('', 'must be a JSON Schema: an object, true or false');
  const named = schema['$schema'];
  if (named === undefined) return '2020-12';
  const dialect = Object.entries(DIALECTS).find(([uri]) => named === uri || named === `${uri}#`)?.[1];
  if (dialect) return dialect;
  throw new Refusal('/$schema', `must be one of ${Object.keys(DIALECTS).join(', ')}`);
}

class Inspection {
  private readonly weightOfPlace = new Map<string, number>();
  private readonly unfolding = new Set<string>();

  constructor(private readonly root: unknown) {}

  weigh(value: unknown, pointer: string, depth: number): number {
    if (depth > MAX_DEPTH) throw new Refusal(pointer, `is nested more than ${MAX_DEPTH} levels deep`);
    let weight = 1;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) weight += this.weigh(item, `${pointer}/${index}`, depth + 1);
    } else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) weight += this.weighMember(name, member, pointer, depth);
    }
    if (weight > MAX_WEIGHT) {
      throw new Refusal(pointer, `holds more than ${MAX_WEIGHT} values once its references are unfolded`);
    }
    return weight;
  }

  private weighMember(name: string, member: unknown, above: string, depth: number): number {
    const pointer = `${above}/${escaped(name)}`;
    if (typeof member === 'string' && REFUSED_KEYWORDS.includes(name))
      throw new Refusal(pointer, `"${name}" is not supported`);
    if (DEFINITIONS.has(name) && isObject(member)) {
      // Looked through, so that what is wrong there is found; weighed where it is used.
      this.weigh(member, pointer, depth + 1);
      return 1;
    }
    if (name === '$ref' && typeof member === 'string') return this.weighReference(member, pointer, depth);
    if (name === 'pattern' && typeof member === 'string') return weightOfPattern(member, pointer);
    if (name === 'patternProperties' && isObject(member)) {
      for (const pattern of Object.keys(member)) weightOfPattern(pattern, pointer);
      const patterns = Object.keys(member).join('').length * WEIGHT_OF_PATTERN_CHARACTER;
      return patterns + this.weigh(member, pointer, depth + 1);
    }
    return this.weigh(member, pointer, depth + 1);
  }

  private weighReference(reference: string, pointer: string, depth: number): number {
    if (!/^#(?:\/|$)/.test(reference)) throw new Refusal(pointer, 'must point into the schema itself, "#/$defs/…"');
    const known = this.weightOfPlace.get(reference);
    if (known !== undefined) return known;
    if (this.unfolding.has(reference))
      throw new Refusal(pointer, 'leads in a circle; recursive schemas are not supported');
    const target = resolve(this.root, reference);
    if (target === undefined) throw new Refusal(pointer, `there is no ${reference} in the schema`);
    this.unfolding.add(reference);
    const weight = this.weigh(target, reference.slice(1), depth + 1);
    this.unfolding.delete(reference);
    this.weightOfPlace.set(reference, weight);
    return weight;
  }
}

function weightOfPattern(pattern: string, pointer: string): number {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new Refusal(pointer, `a pattern has at most ${MAX_PATTERN_LENGTH} characters`);
  }
  return pattern.length * WEIGHT_OF_PATTERN_CHARACTER;
}

function resolve(root: unknown, reference: string): unknown {
  const parts = decoded(reference.slice(1)).split('/').slice(1);
  return parts.reduce<unknown>((value, part) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    const member: unknown = Reflect.get(value, name);
    return member;
  }, root);
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
