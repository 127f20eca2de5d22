import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { type Dialect, inspectSchema, type SchemaProblem } from './schema-rules.js';
import { areUnique } from './unique-items.js';

/** Where data is not as its schema says: an RFC 6901 pointer into the data. Tells names of the data, never values. */
export interface Violation {
  readonly pointer: string;
  readonly message: string;
}

/** What is wrong with JSON data; empty when nothing is. */
export type SchemaCheck = (data: Buffer) => readonly Violation[];

/** Every error is listed for data up to this size, above it only the first: a list can be as long as the data. */
const MAX_FULLY_LISTED_BYTES = 65_536;
const MAX_VIOLATIONS = 20;
/** Weight of the schema times bytes of the data; what is above would take longer than anyone may hold the process. */
const MAX_COST = 200_000_000;

/** Linear in the text, whatever the pattern (RE2); V8's own engine may take for ever. */
const linearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text: string) => compiled.matcher(text).find() };
  },
  { code: 'linearRegExp' },
);

const OPTIONS: Options = {
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  // JSON Schema 2020-12 §7: a format is an annotation.
  validateFormats: false,
  ownProperties: true,
  // Definitions stay functions of their own: a schema that names them often makes no more code.
  inlineRefs: false,
  addUsedSchema: false,
  logger: false,
  code: { regExp: linearRegExp },
};

/** What is wrong with a schema of a stranger; `undefined` when events can be checked against it. */
export function schemaProblem(schema: unknown): SchemaProblem | undefined {
  const inspected = inspectSchema(schema);
  if (!inspected.ok) return inspected.problem;
  if (!isSchema(schema)) return { pointer: '', message: 'must be a JSON Schema: an object, true or false' };
  const meta = metaChecks(inspected.dialect);
  if (meta.validateSchema(schema) !== true) {
    const [error] = meta.errors ?? [];
    return { pointer: error?.instancePath ?? '', message: error?.message ?? 'is no JSON Schema' };
  }
  try {
    validator(schema, inspected.dialect, false);
    return undefined;
  } catch (error) {
    return { pointer: '', message: error instanceof Error ? error.message : 'cannot be compiled' };
  }
}

/**
 * Compiles a schema that `schemaProblem` has nothing against.
 *
 * @throws Error for any other
 */
export function compileSchema(schema: unknown): SchemaCheck {
  const inspected = inspectSchema(schema);
  if (!inspected.ok || !isSchema(schema)) throw new Error('a schema that was checked when it was written is not one');
  const { weight, dialect } = inspected;
  const first = validator(schema, dialect, false);
  let all: ValidateFunction | undefined;
  return (data) => {
    if (weight * data.length > MAX_COST) {
      return [
        { pointer: '', message: `is too large (${data.length} bytes) to be checked against a schema of this size` },
      ];
    }
    const parsed = parseJson(data);
    if (!parsed.ok) return [{ pointer: '', message: `is not JSON: ${parsed.message}` }];
    try {
      if (first(parsed.value)) return [];
      if (data.length > MAX_FULLY_LISTED_BYTES) return violations(first.errors);
      all ??= validator(schema, dialect, true);
      all(parsed.value);
      return violations(all.errors);
    } catch (error) {
      if (error instanceof RangeError) return [{ pointer: '', message: 'is nested too deeply to be checked' }];
      throw error;
    }
  };
}

const metaByDialect = new Map<Dialect, Ajv>();

function metaChecks(dialect: Dialect): Ajv {
  const known = metaByDialect.get(dialect);
  if (known) return known;
  const made = make(dialect, { logger: false });
  metaByDialect.set(dialect, made);
  return made;
}

/** An instance each, so that nothing is kept of a schema but its validator. */
function validator(schema: AnySchema, dialect: Dialect, allErrors: boolean): ValidateFunction {
  const ajv = make(dialect, { ...OPTIONS, allErrors, meta: false, validateSchema: false });
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (wanted: boolean, items: unknown[]) => !wanted || areUnique(items),
    error: { message: 'must NOT have duplicate items' },
  });
  return ajv.compile(schema);
}

function make(dialect: Dialect, options: Options): Ajv {
  return dialect === '2020-12' ? new Ajv2020(options) : new Ajv(options);
}

function isSchema(schema: unknown): schema is AnySchema {
  return typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema));
}

function parseJson(data: Buffer): { ok: true; value: unknown } | { ok: false; message: string } {
  if (data.length === 0) return { ok: false, message: 'there is no data' };
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return { ok: true, value };
  } catch {
    // The parser's own message quotes the data.
    return { ok: false, message: 'it cannot be parsed' };
  }
}

function violations(errors: readonly ErrorObject[] | null | undefined): readonly Violation[] {
  return (errors ?? []).slice(0, MAX_VIOLATIONS).map((error) => ({
    pointer: error.instancePath,
    message: messageOf(error),
  }));
}

function messageOf({ message = 'is not valid', params }: ErrorObject): string {
  const names: unknown[] = [params['additionalProperty'], params['unevaluatedProperty']];
  const name = names.find((value) => typeof value === 'string');
  return name === undefined ? message : `${message}: "${name.slice(0, 64)}"`;
}
