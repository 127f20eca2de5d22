import jsonata from 'jsonata';

/** Of the text of a template. */
export const MAX_TEMPLATE_LENGTH = 16_384;

/** What is wrong with a JSONata expression as far as that is known before it is run; `undefined` when nothing is. */
export function templateProblem(text: string): string | undefined {
  try {
    jsonata(text);
    return undefined;
  } catch (error) {
    if (!isSyntaxError(error)) return 'is nested too deeply';
    const before = text.slice(0, error.position).split('\n');
    return `line ${before.length}, column ${Math.max(1, before.at(-1)?.length ?? 1)}: ${error.message}`;
  }
}

function isSyntaxError(error: unknown): error is { readonly message: string; readonly position: number } {
  if (typeof error !== 'object' || error === null || !('position' in error) || !('message' in error)) return false;
  return typeof error.position === 'number' && typeof error.message === 'string';
}
