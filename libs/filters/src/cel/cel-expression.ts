import { celEnv, isCelError, parse, plan, unparse, type CelInput, type CelResult } from '@bufbuild/cel';
import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { clone } from '@bufbuild/protobuf';
import { ExprSchema } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import type { FilteredEvent } from '../filtered-event.js';
import { FilterError, type Verdict } from '../verdict.js';
import { expressionProblem, MAX_EXPRESSION_LENGTH } from './expression-problem.js';
import { readPathsOf, type ReadPath } from './expression-tree.js';
import { MAX_EVALUATION_STEPS, Meter } from './meter.js';
import { metered, meteringFunctions } from './metered.js';
import { withoutStackTraces } from './without-stack-traces.js';

const MAX_MESSAGE_LENGTH = 200;
const COSTS_TOO_MUCH = 'the evaluation costs too much';
const EVENT_COSTS_TOO_MUCH = 'the expressions of all subscriptions together cost too much for one event';

/** An expression that would do alone is told that it was not alone. */
function tooMuch(allowance: number): string {
  return allowance < MAX_EVALUATION_STEPS ? EVENT_COSTS_TOO_MUCH : COSTS_TOO_MUCH;
}

/** Evaluations never overlap, so that all may share one. */
const meter = new Meter();
const env = celEnv({ funcs: meteringFunctions(meter) });

/** Why an expression was refused: `line` and `column` count from 1. */
interface CelProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

type Compiled = { readonly ok: true; readonly expression: CelExpression } | ({ readonly ok: false } & CelProblem);

/** An expression ready to be evaluated, at most so long as it is allowed to take. */
export class CelExpression {
  private readonly evaluate: (bindings: Readonly<Record<string, CelInput>>) => CelResult;
  /** What it reads of `event` and `data`. */
  readonly reads: readonly ReadPath[];

  private constructor(private readonly tree: Expr) {
    this.reads = readPathsOf(tree);
    this.evaluate = plan(env, metered(clone(ExprSchema, tree)));
  }

  static compile(text: string): Compiled {
    const refused = (message: string, offset = 0): Compiled => ({ ok: false, message, ...placeOf(text, offset) });
    if (text.length > MAX_EXPRESSION_LENGTH) return refused(`must be at most ${MAX_EXPRESSION_LENGTH} characters`);
    try {
      const { expr, sourceInfo } = parse(text);
      const problem = expressionProblem(env, expr);
      if (!problem) return { ok: true, expression: new CelExpression(expr) };
      const position = problem.node === undefined ? undefined : sourceInfo?.positions[String(problem.node)];
      return refused(problem.message, position);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return refused(withoutPlace(error.message), offsetOf(error));
    }
  }

  test(event: FilteredEvent): Verdict {
    const value = this.value(event);
    if (typeof value === 'boolean' || value instanceof FilterError) return value;
    return new FilterError('the expression is neither true nor false');
  }

  /** The parts of a conjunction, each an expression of its own; itself where it is none. */
  conjuncts(): readonly { readonly text: string; readonly expression: CelExpression }[] {
    const conjuncts = conjunctsOf(this.tree);
    if (conjuncts.length === 1) return [{ text: unparse(this.tree), expression: this }];
    return conjuncts.map((part) => ({ text: unparse(part), expression: new CelExpression(part) }));
  }

  private value(event: FilteredEvent): unknown {
    const bindings: Record<string, CelInput> = { event: event.celEvent() };
    if (this.reads.some(({ root }) => root === 'data')) {
      const data = event.celData();
      if (data instanceof FilterError) return data;
      bindings['data'] = data.data;
    }
    const allowance = event.allowance;
    if (allowance === 0) return new FilterError(EVENT_COSTS_TOO_MUCH);
    meter.begin(allowance);
    try {
      const result = withoutStackTraces(() => this.evaluate(bindings));
      // Macros pass over errors in their loops, so a result alone does not tell that all was looked at.
      if (meter.exhausted) return new FilterError(tooMuch(allowance));
      return isCelError(result) ? errorOf(result) : result;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return meter.exhausted ? new FilterError(tooMuch(allowance)) : errorOf(error);
    } finally {
      event.spend(meter.spent);
    }
  }
}

function conjunctsOf(tree: Expr): Expr[] {
  const { exprKind } = tree;
  if (exprKind.case !== 'callExpr' || exprKind.value.function !== '_&&_') return [tree];
  return exprKind.value.args.flatMap(conjunctsOf);
}

function errorOf({ message }: Error): FilterError {
  return new FilterError(message.slice(0, MAX_MESSAGE_LENGTH));
}

/** The parser says where in front of what: `<input>:1:5: found …`. */
function withoutPlace(message: string): string {
  return message.replace(/^<input>:\d+:\d+: /, '').slice(0, MAX_MESSAGE_LENGTH);
}

function offsetOf(error: Error): number | undefined {
  const location: unknown = 'location' in error ? error.location : undefined;
  const start: unknown = isObject(location) && 'start' in location ? location.start : undefined;
  const offset: unknown = isObject(start) && 'offset' in start ? start.offset : undefined;
  return typeof offset === 'number' ? offset : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
