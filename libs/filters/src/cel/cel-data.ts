import { celList, celMap, type CelInput } from '@bufbuild/cel';

/** Deeper data is not looked into; the routine below and those of the library call themselves once for each level. */
const MAX_DATA_DEPTH = 100;

/**
 * Parsed JSON as CEL values. Done once for an event: the library would turn an object into a map at every access, and
 * takes one with a member `constructor` or `$typeName` for something else.
 *
 * @throws RangeError when it is nested too deeply
 */
export function celDataOf(json: unknown, depth = 0): CelInput {
  if (depth > MAX_DATA_DEPTH) throw new RangeError(`the data is nested more than ${MAX_DATA_DEPTH} levels deep`);
  switch (typeof json) {
    case 'string':
    case 'number':
    case 'boolean':
      return json;
    default:
  }
  if (Array.isArray(json)) return celList(json.map((element: unknown) => celDataOf(element, depth + 1)));
  if (typeof json !== 'object' || json === null) return null;
  const entries = new Map<string, CelInput>();
  for (const [name, value] of Object.entries(json)) entries.set(name, celDataOf(value, depth + 1));
  return celMap(entries);
}
