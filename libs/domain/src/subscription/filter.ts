/** Values wanted of CloudEvents attributes, by their names. */
export type WantedAttributes = Readonly<Record<string, string>>;

/**
 * What an event must be like for a subscription to get it: the dialects of the CloudEvents Subscriptions API 1.0, and `cel`,
 * an expression of the Common Expression Language over `event` and `data`.
 */
export type Filter =
  | { readonly exact: WantedAttributes }
  | { readonly prefix: WantedAttributes }
  | { readonly suffix: WantedAttributes }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  | { readonly cel: string };

/** Whether a value has the shape of a filter. Whether it can be compiled is another question. */
export function isFilter(value: unknown): value is Filter {
  if (typeof value !== 'object' || value === null) return false;
  const [[dialect, operand] = [], ...more] = Object.entries(value);
  if (more.length > 0) return false;
  switch (dialect) {
    case 'exact':
    case 'prefix':
    case 'suffix':
      return isAttributes(operand);
    case 'all':
    case 'any':
      return Array.isArray(operand) && operand.every(isFilter);
    case 'not':
      return isFilter(operand);
    case 'cel':
      return typeof operand === 'string';
    default:
      return false;
  }
}

function isAttributes(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((wanted) => typeof wanted === 'string')
  );
}
