/**
 * The known name a misspelt one most likely meant; `undefined` when none is near: at most a third of its letters may
 * differ. Case, `_` and `-` do not count.
 */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  const folded = fold(written);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const limit = Math.max(1, Math.floor(Math.max(folded.length, name.length) / 3));
    const distance = editDistance(folded, fold(name), limit);
    if (distance <= limit && (!best || distance < best.distance)) best = { name, distance };
  }
  return best?.name;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '').slice(0, 100);
}

/** Levenshtein's distance, or `limit + 1` when the lengths alone differ by more. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...left].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right].entries()) {
      const substituted = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(substituted, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? limit + 1;
}
