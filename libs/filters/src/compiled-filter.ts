import type { Filter, WantedAttributes } from '@hookstream/domain';
import { CelExpression } from './cel/cel-expression.js';
import { attributeValues, pointerOf, readValues, type FailedClause } from './failed-clause.js';
import type { FilteredEvent } from './filtered-event.js';
import { FilterError, type Verdict } from './verdict.js';

type Path = readonly (string | number)[];

/** A filter ready to be asked. */
export interface CompiledFilter {
  test(event: FilteredEvent): Verdict;
  /** Of an event that `test` does not let through: the part that is to blame. */
  blame(event: FilteredEvent, path: Path): FailedClause;
}

/** @throws Error for a filter that was never read: what `readFilters` returns can be compiled */
export function compileFilter(filter: Filter): CompiledFilter {
  if ('exact' in filter) return wanting('exact', filter.exact, (value, wanted) => value === wanted);
  if ('prefix' in filter) return wanting('prefix', filter.prefix, (value, wanted) => value.startsWith(wanted));
  if ('suffix' in filter) return wanting('suffix', filter.suffix, (value, wanted) => value.endsWith(wanted));
  if ('all' in filter) return allOf('all', filter.all.map(compileFilter));
  if ('any' in filter) return anyOf(filter.any.map(compileFilter));
  if ('not' in filter) return not(compileFilter(filter.not), JSON.stringify(filter.not));
  return expression(filter.cel);
}

function wanting(
  dialect: string,
  attributes: WantedAttributes,
  fits: (value: string, wanted: string) => boolean,
): CompiledFilter {
  const wanted = Object.entries(attributes);
  const holds = (event: FilteredEvent, [name, text]: [string, string]): boolean => {
    const value = event.attribute(name);
    return value !== undefined && fits(value, text);
  };
  return {
    test: (event) => wanted.every((entry) => holds(event, entry)),
    blame(event, path) {
      const [name, text] = wanted.find((entry) => !holds(event, entry)) ?? ['', ''];
      const pointer = pointerOf([...path, dialect, name]);
      return { pointer, clause: `${dialect} ${name} "${text}"`, values: attributeValues(event, name) };
    },
  };
}

/** False where one is false, whatever the others come to; an error where none is and one cannot be told. */
export function allOf(dialect: string, filters: readonly CompiledFilter[]): CompiledFilter {
  return {
    test: (event) => firstDecisive(filters, event, false),
    blame(event, path) {
      const verdict = firstDecisive(filters, event, false);
      const index = filters.findIndex((filter) => sameKind(filter.test(event), verdict));
      const inner = dialect === '' ? [...path, index] : [...path, dialect, index];
      return filters[index]?.blame(event, inner) ?? { pointer: pointerOf(path), clause: dialect, values: {} };
    },
  };
}

/** True where one is true, whatever the others come to; an error where none is and one cannot be told. */
function anyOf(filters: readonly CompiledFilter[]): CompiledFilter {
  return {
    test: (event) => firstDecisive(filters, event, true),
    blame(event, path) {
      const all = filters.map((filter, index) => filter.blame(event, [...path, 'any', index]));
      const error = all.find((clause) => clause.error !== undefined)?.error;
      return {
        pointer: pointerOf([...path, 'any']),
        clause: `any of: ${all.map(({ clause }) => clause).join('; ')}`,
        values: Object.fromEntries(all.flatMap(({ values }) => Object.entries(values))),
        ...(error !== undefined && { error }),
      };
    },
  };
}

function not(filter: CompiledFilter, text: string): CompiledFilter {
  return {
    test(event) {
      const verdict = filter.test(event);
      return verdict instanceof FilterError ? verdict : !verdict;
    },
    blame(event, path) {
      const inner = filter.blame(event, [...path, 'not']);
      return { ...inner, pointer: pointerOf([...path, 'not']), clause: `not ${text}` };
    },
  };
}

function expression(text: string): CompiledFilter {
  let compiled: CelExpression | undefined;
  // When it is first asked: compiling takes half a millisecond, and a router starts with very many.
  const ready = (): CelExpression => (compiled ??= compile(text));
  return {
    test: (event) => ready().test(event),
    blame(event, path) {
      const pointer = pointerOf([...path, 'cel']);
      const conjuncts = ready().conjuncts();
      const failed = conjuncts.find((part) => part.expression.test(event) !== true) ?? conjuncts[0];
      if (!failed) return { pointer, clause: text, values: {} };
      const verdict = failed.expression.test(event);
      return {
        pointer,
        clause: failed.text,
        values: readValues(event, failed.expression.reads),
        ...(verdict instanceof FilterError && { error: verdict.message }),
      };
    },
  };
}

function compile(text: string): CelExpression {
  const compiled = CelExpression.compile(text);
  if (!compiled.ok)
    throw new Error(`a filter that was checked when it was written cannot be compiled: ${compiled.message}`);
  return compiled.expression;
}

function firstDecisive(filters: readonly CompiledFilter[], event: FilteredEvent, decisive: boolean): Verdict {
  let error: FilterError | undefined;
  for (const filter of filters) {
    const verdict = filter.test(event);
    if (verdict === decisive) return decisive;
    if (verdict instanceof FilterError) error ??= verdict;
  }
  return error ?? !decisive;
}

function sameKind(verdict: Verdict, other: Verdict): boolean {
  return verdict instanceof FilterError ? other instanceof FilterError : verdict === other;
}
