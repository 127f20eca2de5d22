import { encodeCursor, type Cursor } from '@hookstream/log-api';

export interface PageRequest {
  readonly limit: number;
  readonly after?: Cursor | undefined;
}

/** `next` is where the following page begins; `undefined` at the end of the list. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next: Cursor | undefined;
}

/** Cuts a page out of entries that were read with one more than its limit. */
export function pageOf<Entry>(
  entries: readonly Entry[],
  { limit }: PageRequest,
  cursorOf: (entry: Entry) => Cursor,
): Page<Entry> {
  const shown = entries.slice(0, limit);
  const last = shown.at(-1);
  return { entries: shown, next: last && entries.length > limit ? cursorOf(last) : undefined };
}

export function viewPage<Entry, View>(page: Page<Entry>, view: (entry: Entry) => View) {
  return { data: page.entries.map(view), nextCursor: page.next ? encodeCursor(page.next) : null };
}
