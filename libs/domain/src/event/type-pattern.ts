/**
 * Event type patterns: `invoice.submitted` is that type, `*` stands for exactly one dot-separated segment, `**` for any
 * number of segments, none included. Both stand only for whole segments.
 */

const SEGMENT = /^[A-Za-z0-9_\-/:]+$/;
export const MAX_TYPE_LENGTH = 256;

/** Types of the platform's own events. No wildcard reaches them unless the pattern names the prefix. */
const RESERVED_FIRST_SEGMENT = 'hookstream';

/** What is wrong with an event type, in words for its author; `undefined` when nothing is. */
export function eventTypeProblem(type: string): string | undefined {
  if (type.length === 0) return 'must not be empty';
  if (type.length > MAX_TYPE_LENGTH) return `must be at most ${MAX_TYPE_LENGTH} characters`;
  if (!type.split('.').every((segment) => SEGMENT.test(segment))) {
    return 'must be dot-separated segments of letters, digits, "_", "-", "/" and ":"';
  }
  return undefined;
}

/** What is wrong with a pattern, in words for its author; `undefined` when nothing is. */
export function typePatternProblem(pattern: string): string | undefined {
  const problem = eventTypeProblem(pattern.replaceAll(/(?<=^|\.)\*{1,2}(?=\.|$)/g, 'x'));
  return problem && `${problem}; "*" stands for one whole segment, "**" for any number`;
}

export function isExactPattern(pattern: string): boolean {
  return !pattern.includes('*');
}

/** The whole segments in front of a pattern's first wildcard: every type it matches begins with them, or is them. */
export function literalPrefix(pattern: string): string {
  const segments = pattern.split('.');
  const wildcard = segments.findIndex((segment) => segment === '*' || segment === '**');
  return segments.slice(0, wildcard < 0 ? segments.length : wildcard).join('.');
}

/** Compiles a pattern to a predicate over types. Linear in the type's length for a pattern with one `**`. */
export function compileTypePattern(pattern: string): (type: string) => boolean {
  if (isExactPattern(pattern)) return (type) => type === pattern;
  const segments = pattern.split('.');
  const namesReserved = segments[0] === RESERVED_FIRST_SEGMENT;
  return (type) => {
    const parts = type.split('.');
    return (namesReserved || parts[0] !== RESERVED_FIRST_SEGMENT) && matchSegments(segments, parts);
  };
}

/** Greedy wildcard match with a single point of return: at most |pattern| × |type| steps, no recursion. */
function matchSegments(pattern: readonly string[], type: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let anyAt = -1;
  let resumeAt = 0;
  while (t < type.length) {
    if (p < pattern.length && (pattern[p] === '*' || pattern[p] === type[t])) {
      p += 1;
      t += 1;
    } else if (p < pattern.length && pattern[p] === '**') {
      anyAt = p;
      resumeAt = t;
      p += 1;
    } else if (anyAt >= 0) {
      p = anyAt + 1;
      resumeAt += 1;
      t = resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '**') p += 1;
  return p === pattern.length;
}
