import type { Expr } from '@bufbuild/cel-spec/cel/expr/syntax_pb.js';

/** What an expression is directly made of. */
export function partsOf({ exprKind }: Expr): Expr[] {
  switch (exprKind.case) {
    case 'selectExpr':
      return present(exprKind.value.operand);
    case 'callExpr':
      return present(exprKind.value.target, ...exprKind.value.args);
    case 'listExpr':
      return exprKind.value.elements;
    case 'structExpr':
      return exprKind.value.entries.flatMap(({ keyKind, value }) =>
        present(keyKind.case === 'mapKey' ? keyKind.value : undefined, value),
      );
    case 'comprehensionExpr': {
      const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
      return present(iterRange, accuInit, loopCondition, loopStep, result);
    }
    case 'constExpr':
    case 'identExpr':
    case undefined:
      return [];
  }
}

/** Nodes of an expression, itself included. */
export function sizeOf(expression: Expr): number {
  return partsOf(expression).reduce((sum, part) => sum + sizeOf(part), 1);
}

/** The name a member is read from, `event` or `data`, with what is read of it: `data.customer.country`. */
export interface ReadPath {
  readonly root: string;
  readonly path: readonly string[];
}

/** Members of `event` and `data` that an expression reads, each once. */
export function readPathsOf(expression: Expr): ReadPath[] {
  const found = new Map<string, ReadPath>();
  const visit = (part: Expr): void => {
    const path = readPath(part);
    if (path) found.set([path.root, ...path.path].join('.'), path);
    else partsOf(part).forEach(visit);
  };
  visit(expression);
  return [...found.values()];
}

function readPath({ exprKind }: Expr): ReadPath | undefined {
  if (exprKind.case === 'identExpr') {
    const { name } = exprKind.value;
    return name === 'event' || name === 'data' ? { root: name, path: [] } : undefined;
  }
  if (exprKind.case !== 'selectExpr' || !exprKind.value.operand) return undefined;
  const operand = readPath(exprKind.value.operand);
  return operand && { root: operand.root, path: [...operand.path, exprKind.value.field] };
}

function present(...parts: readonly (Expr | undefined)[]): Expr[] {
  return parts.filter((part) => part !== undefined);
}
