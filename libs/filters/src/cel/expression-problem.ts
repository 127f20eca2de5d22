import { CelScalar, run, isCelError, type CelEnv, type CelFunc } from '@bufbuild/cel';
import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { partsOf } from './expression-tree.js';

export const MAX_EXPRESSION_LENGTH = 2_048;
const MAX_NODES = 500;
const MAX_DEPTH = 50;
const MAX_NESTED_LOOPS = 3;

/** What is wrong with an expression, and where. */
interface ExpressionProblem {
  readonly message: string;
  /** Of the node it is about; undefined for the whole. */
  readonly node: bigint | undefined;
}

const VARIABLES = ['event', 'data'];
const TYPES = 'int uint double bool string bytes list map null_type type google'.split(' ');

/** Finds what parsing does not: names nobody knows, results that are no yes or no, and more than may be evaluated. */
export function expressionProblem(env: CelEnv, expression: Expr): ExpressionProblem | undefined {
  let nodes = 0;
  const visit = (
    part: Expr,
    names: ReadonlySet<string>,
    depth: number,
    loops: number,
  ): ExpressionProblem | undefined => {
    const problem = (message: string): ExpressionProblem => ({ message, node: part.id });
    nodes += 1;
    if (nodes > MAX_NODES) return { message: `has more than ${MAX_NODES} parts`, node: undefined };
    if (depth > MAX_DEPTH) return problem(`is nested more than ${MAX_DEPTH} levels deep`);
    const { exprKind } = part;
    let known = names;
    let nestedLoops = loops;
    switch (exprKind.case) {
      case 'identExpr':
        if (!names.has(exprKind.value.name))
          return problem(`there is no "${exprKind.value.name}": write event or data`);
        break;
      case 'structExpr':
        if (exprKind.value.messageName !== '') return problem('messages cannot be made');
        break;
      case 'callExpr': {
        const { function: name, target, args } = exprKind.value;
        const wrong = callProblem(env, name, target !== undefined, args);
        if (wrong !== undefined) return problem(wrong);
        break;
      }
      case 'comprehensionExpr':
        nestedLoops += 1;
        if (nestedLoops > MAX_NESTED_LOOPS) return problem(`has more than ${MAX_NESTED_LOOPS} loops within each other`);
        known = new Set([...names, exprKind.value.iterVar, exprKind.value.accuVar]);
        break;
      default:
    }
    for (const inner of partsOf(part)) {
      const found = visit(inner, known, depth + 1, nestedLoops);
      if (found) return found;
    }
    return undefined;
  };
  const found = visit(expression, new Set([...VARIABLES, ...TYPES]), 1, 0);
  if (found) return found;
  return isNeverBoolean(env, expression) ? { message: 'must be true or false', node: expression.id } : undefined;
}

function callProblem(env: CelEnv, name: string, method: boolean, args: readonly Expr[]): string | undefined {
  if (isBuiltIn(name)) return undefined;
  const overloads = overloadsOf(env, name).filter(({ target }) => (target !== undefined) === method);
  if (overloads.length === 0) return `there is no ${method ? 'method' : 'function'} "${name}"`;
  if (!overloads.some((overload) => overload.arguments.length === args.length)) {
    return `"${name}" does not take ${args.length} argument${args.length === 1 ? '' : 's'}`;
  }
  return name === 'matches' ? patternProblem(args[0]) : undefined;
}

/** Operators that the library evaluates itself. */
function isBuiltIn(name: string): boolean {
  return ['_&&_', '_||_', '_?_:_', '_[_]', '@not_strictly_false', '_==_', '_!=_', '@in', '!_'].includes(name);
}

function patternProblem(pattern: Expr | undefined): string | undefined {
  const constant = pattern?.exprKind.case === 'constExpr' ? pattern.exprKind.value.constantKind : undefined;
  if (constant?.case !== 'stringValue') return undefined;
  try {
    const matched = run('"".matches(pattern)', { pattern: constant.value });
    return isCelError(matched) ? `is no RE2 pattern: ${matched.message}` : undefined;
  } catch (error) {
    return `is no RE2 pattern: ${error instanceof Error ? error.message : 'it cannot be read'}`;
  }
}

function isNeverBoolean(env: CelEnv, { exprKind }: Expr): boolean {
  switch (exprKind.case) {
    case 'constExpr':
      return exprKind.value.constantKind.case !== 'boolValue';
    case 'listExpr':
    case 'structExpr':
      return true;
    case 'callExpr': {
      const results = overloadsOf(env, exprKind.value.function).map(({ result }) => result);
      return results.length > 0 && results.every((type) => type !== CelScalar.BOOL && type !== CelScalar.DYN);
    }
    default:
      return false;
  }
}

function overloadsOf(env: CelEnv, name: string): readonly CelFunc[] {
  return [...(env.funcs.find(name) ?? [])];
}
