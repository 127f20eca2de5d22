import { celFunc, CelScalar, type CelFunc } from '@bufbuild/cel';
import { ExprSchema, type Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';
import { create } from '@bufbuild/protobuf';
import { sizeOf } from './expression-tree.js';
import type { Meter } from './meter.js';

// Names that nobody can write: `@` begins no identifier.
const SPEND = '@spend';
const WEIGH = '@weigh';
const WALK = '@walk';
const SCAN = '@scan';

/** The variable in which macros gather their result. */
const ACCUMULATOR = '@result';

/** What looks at no more than a moment's worth of its operands. */
const CHEAP: ReadonlySet<string> = new Set(['_&&_', '_||_', '!_', '-_', '_?_:_', '@not_strictly_false', 'type', 'dyn']);

/** The functions that a metered expression calls besides its own. */
export function meteringFunctions(meter: Meter): CelFunc[] {
  const { BOOL, DYN, INT } = CelScalar;
  const unless = <T>(mayGoOn: boolean, value: T): T => {
    if (mayGoOn) return value;
    throw new Error('the evaluation costs too much');
  };
  return [
    celFunc(SPEND, [INT], BOOL, (steps) => meter.spend(Number(steps))),
    celFunc(WEIGH, [DYN], DYN, (value) => unless(meter.spendOnAll(value), value)),
    celFunc(WALK, [DYN], DYN, (value) => unless(meter.spendOnWalk(value), value)),
    celFunc(SCAN, [DYN, DYN], DYN, (text, pattern) => unless(meter.spendOnScan(text, pattern), text)),
  ];
}

/**
 * Has an expression count what it costs. Loops spend at each turn what their body is long, and end where nothing is
 * left; operations spend on how much they are given to look at, before they look.
 */
export function metered(expression: Expr): Expr {
  const { exprKind } = expression;
  switch (exprKind.case) {
    case 'callExpr':
      return meteredCall(expression, exprKind.value.function, exprKind.value.target, exprKind.value.args);
    case 'selectExpr':
      if (exprKind.value.operand) exprKind.value.operand = metered(exprKind.value.operand);
      return expression;
    case 'listExpr':
      exprKind.value.elements = exprKind.value.elements.map(metered);
      return expression;
    case 'structExpr':
      for (const entry of exprKind.value.entries) {
        if (entry.keyKind.case === 'mapKey') entry.keyKind.value = metered(entry.keyKind.value);
        if (entry.value) entry.value = metered(entry.value);
      }
      return expression;
    case 'comprehensionExpr': {
      const loop = exprKind.value;
      const turn = loop.loopStep && loop.loopCondition ? sizeOf(loop.loopStep) + sizeOf(loop.loopCondition) : 1;
      if (loop.iterRange) loop.iterRange = call(expression, WALK, [metered(loop.iterRange)]);
      if (loop.loopStep) loop.loopStep = metered(loop.loopStep);
      if (loop.loopCondition) {
        const spend = call(expression, SPEND, [integer(expression, turn)]);
        loop.loopCondition = call(expression, '_&&_', [spend, loop.loopCondition]);
      }
      return expression;
    }
    case 'constExpr':
    case 'identExpr':
    case undefined:
      return expression;
  }
}

function meteredCall(expression: Expr, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
  if (CHEAP.has(name)) return call(expression, name, args.map(metered), target && metered(target));
  if (name === '_[_]') {
    const [list, index] = args;
    // A constant name is looked up at once; a number is looked for among the keys of a map.
    if (!list || !index || isText(index)) return call(expression, name, args.map(metered));
    return call(expression, name, [call(expression, WALK, [metered(list)]), metered(index)]);
  }
  const [pattern] = args;
  if (name === 'matches' && target && pattern) {
    return call(expression, name, args.map(weighed), call(expression, SCAN, [weighed(target), metered(pattern)]));
  }
  return call(expression, name, args.map(weighed), target && weighed(target));
}

function weighed(operand: Expr): Expr {
  const { exprKind } = operand;
  if (exprKind.case === 'constExpr') return operand;
  // Each turn of `map` and `filter` appends to the list, which is not looked through.
  const how = exprKind.case === 'identExpr' && exprKind.value.name === ACCUMULATOR ? WALK : WEIGH;
  return call(operand, how, [metered(operand)]);
}

function isText({ exprKind }: Expr): boolean {
  return exprKind.case === 'constExpr' && exprKind.value.constantKind.case === 'stringValue';
}

function call({ id }: Expr, name: string, args: readonly Expr[], target?: Expr): Expr {
  const value = { function: name, args: [...args], ...(target && { target }) };
  return create(ExprSchema, { id, exprKind: { case: 'callExpr', value } });
}

function integer({ id }: Expr, value: number): Expr {
  const constantKind = { case: 'int64Value' as const, value: BigInt(value) };
  return create(ExprSchema, { id, exprKind: { case: 'constExpr', value: { constantKind } } });
}
