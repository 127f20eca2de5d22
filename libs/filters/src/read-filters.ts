import type { Filter } from '@hookstream/domain';
import { CelExpression } from './cel/cel-expression.js';

export const MAX_FILTERS = 100;
export const MAX_FILTER_DEPTH = 8;
export const MAX_ATTRIBUTE_VALUE_LENGTH = 1_024;
/** Together they bound what one event may cost a router by one subscription. */
const MAX_EXPRESSIONS = 5;

/** Attribute names of CloudEvents 1.0; longer than it advises, for extensions are told in 64 characters elsewhere. */
const ATTRIBUTE_NAME = /^[a-z0-9]{1,64}$/;
const DIALECTS = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cel'];

/** What is wrong with filters, and the path to it from the list. */
interface FilterProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

type ReadFilters =
  | { readonly ok: true; readonly filters: readonly Filter[] }
  | { readonly ok: false; readonly problems: readonly FilterProblem[] };

/** Reads a list of filters as somebody wrote it: what it returns can be compiled. Tells all that is wrong, not the first. */
export function readFilters(written: unknown): ReadFilters {
  const reader = new FilterReader();
  if (!Array.isArray(written)) return { ok: false, problems: [{ path: [], message: 'must be a list of filters' }] };
  const filters = reader.list(written, [], 1);
  return reader.problems.length === 0 ? { ok: true, filters } : { ok: false, problems: reader.problems };
}

type Path = FilterProblem['path'];

class FilterReader {
  readonly problems: FilterProblem[] = [];
  private filters = 0;
  private expressions = 0;

  list(written: readonly unknown[], path: Path, depth: number): Filter[] {
    return written.slice(0, MAX_FILTERS + 1).flatMap((filter, index) => this.filter(filter, [...path, index], depth));
  }

  private filter(written: unknown, path: Path, depth: number): Filter[] {
    this.filters += 1;
    if (this.filters > MAX_FILTERS) {
      if (this.filters === MAX_FILTERS + 1) this.refuse(path, `there are more than ${MAX_FILTERS} filters`);
      return [];
    }
    if (depth > MAX_FILTER_DEPTH) return this.refuse(path, `is nested more than ${MAX_FILTER_DEPTH} levels deep`);
    if (typeof written !== 'object' || written === null || Array.isArray(written)) {
      return this.refuse(path, 'must be an object');
    }
    const [[dialect, operand] = ['', undefined], ...more] = Object.entries(written);
    if (!DIALECTS.includes(dialect) || more.length > 0) {
      return this.refuse(path, `must have one member, one of ${DIALECTS.join(', ')}`);
    }
    return this.operand(dialect, operand, [...path, dialect], depth);
  }

  private operand(dialect: string, operand: unknown, path: Path, depth: number): Filter[] {
    switch (dialect) {
      case 'exact':
        return this.attributes(operand, path).map((exact) => ({ exact }));
      case 'prefix':
        return this.attributes(operand, path).map((prefix) => ({ prefix }));
      case 'suffix':
        return this.attributes(operand, path).map((suffix) => ({ suffix }));
      case 'all':
        return this.nested(operand, path, depth).map((all) => ({ all }));
      case 'any':
        return this.nested(operand, path, depth).map((any) => ({ any }));
      case 'not':
        return this.filter(operand, path, depth + 1).map((not) => ({ not }));
      default:
        return this.expression(operand, path);
    }
  }

  private attributes(operand: unknown, path: Path): Record<string, string>[] {
    if (typeof operand !== 'object' || operand === null || Array.isArray(operand)) {
      return this.refuse(path, 'must be an object of attributes and values');
    }
    const entries = Object.entries(operand);
    if (entries.length === 0) return this.refuse(path, 'must name at least one attribute');
    if (entries.length > MAX_FILTERS) return this.refuse(path, `must name at most ${MAX_FILTERS} attributes`);
    const wanted: Record<string, string> = {};
    for (const [name, value] of entries) {
      const problem = attributeProblem(name, value);
      if (problem !== undefined) this.refuse([...path, name], problem);
      else if (typeof value === 'string') wanted[name] = value;
    }
    return [wanted];
  }

  private nested(operand: unknown, path: Path, depth: number): Filter[][] {
    if (!Array.isArray(operand) || operand.length === 0)
      return this.refuse(path, 'must be a list of at least one filter');
    return [this.list(operand, path, depth + 1)];
  }

  private expression(operand: unknown, path: Path): Filter[] {
    if (typeof operand !== 'string') return this.refuse(path, 'must be a text, an expression');
    this.expressions += 1;
    if (this.expressions > MAX_EXPRESSIONS)
      return this.refuse(path, `there are more than ${MAX_EXPRESSIONS} expressions`);
    const compiled = CelExpression.compile(operand);
    if (compiled.ok) return [{ cel: operand }];
    return this.refuse(path, `line ${compiled.line}, column ${compiled.column}: ${compiled.message}`);
  }

  private refuse(path: Path, message: string): [] {
    this.problems.push({ path, message });
    return [];
  }
}

function attributeProblem(name: string, value: unknown): string | undefined {
  if (!ATTRIBUTE_NAME.test(name)) return 'is no attribute: names are 1 to 64 lower-case letters and digits';
  if (typeof value !== 'string' || value.length === 0) return 'must be a text that is not empty';
  if (value.length > MAX_ATTRIBUTE_VALUE_LENGTH) return `must be at most ${MAX_ATTRIBUTE_VALUE_LENGTH} characters`;
  return undefined;
}
