import { z } from 'zod';
import { nearestName } from '../spelling/nearest-name.js';
import { Problem, type ProblemError } from './problem.js';

type Path = readonly PropertyKey[];

/** A zod error as a 400: every issue with its place and, for an unknown field, the nearest known name. */
export function problemFromZod(
  error: z.ZodError,
  schema: z.ZodType | undefined,
  place: 'pointer' | 'parameter',
): Problem {
  const errors = error.issues.flatMap((issue) => errorsOf(issue, [], schema, place));
  const count = errors.length === 1 ? '1 field is' : `${errors.length} fields are`;
  return new Problem('invalid-request', { detail: `${count} wrong: ${summary(errors)}`, errors, cause: error });
}

function errorsOf(
  issue: z.core.$ZodIssue,
  above: Path,
  schema: z.ZodType | undefined,
  place: 'pointer' | 'parameter',
): ProblemError[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = schema ? [...knownFields(schema, path)] : [];
    return issue.keys.map((key) => ({ ...placed([...path, key], place), message: unknownField(key, known) }));
  }
  const branch = issue.code === 'invalid_union' ? nearestBranch(issue.errors) : undefined;
  if (branch) return branch.flatMap((inner) => errorsOf(inner, path, schema, place));
  // A field that may hold anything, and is not there.
  const isAbsent = issue.code === 'invalid_type' && issue.expected === 'nonoptional';
  return [{ ...placed(path, place), message: isAbsent ? 'must be given; it may be null' : issue.message }];
}

/** Of a union, the branch the value came nearest to: its first issue lies deepest, and it has the fewest. */
function nearestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const depth = (branch: readonly z.core.$ZodIssue[]) => Math.max(...branch.map((issue) => issue.path.length));
  return [...branches]
    .filter((branch) => branch.length > 0)
    .sort((left, right) => depth(right) - depth(left) || left.length - right.length)
    .at(0);
}

function unknownField(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  const remedy = nearest === undefined ? listed(known) : `; did you mean "${nearest}"?`;
  return `unknown field "${key}"${remedy}`;
}

function listed(known: readonly string[]): string {
  return known.length === 0 ? '' : `; known fields are ${known.join(', ')}`;
}

function placed(path: Path, place: 'pointer' | 'parameter'): Pick<ProblemError, 'pointer' | 'parameter'> {
  return place === 'pointer' ? { pointer: jsonPointer(path) } : { parameter: path.map(String).join('.') };
}

/** RFC 6901; the whole document is the empty text. */
export function jsonPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function summary(errors: readonly ProblemError[]): string {
  const [first] = errors;
  if (!first) return 'the request';
  const where = first.pointer === undefined ? first.parameter : first.pointer;
  const more = errors.length > 1 ? ', …' : '';
  return `${where === '' ? 'the body' : where}: ${first.message}${more}`;
}

/** Names of the fields an object may have at a place of a schema, of all branches where there are several. */
function* knownFields(schema: z.ZodType, path: Path): Generator<string> {
  for (const branch of branchesOf(schema)) {
    const [head, ...rest] = path;
    if (head === undefined) {
      if (branch instanceof z.ZodObject) yield* Object.keys(branch.shape);
      continue;
    }
    const child = childOf(branch, head);
    if (child) yield* knownFields(child, rest);
  }
}

function childOf(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  const child: unknown =
    schema instanceof z.ZodObject
      ? schema.shape[String(part)]
      : schema instanceof z.ZodArray
        ? schema.element
        : schema instanceof z.ZodRecord
          ? schema.valueType
          : undefined;
  return child instanceof z.ZodType ? child : undefined;
}

/** The schemas a value may meet here: wrappers taken off, unions opened. */
function branchesOf(schema: unknown): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(branchesOf);
  if (schema instanceof z.ZodPipe) return branchesOf(schema.in);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  )
    return branchesOf(schema.unwrap());
  return schema instanceof z.ZodType ? [schema] : [];
}
