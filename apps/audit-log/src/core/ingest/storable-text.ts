const REPLACEMENT = '\uFFFD';
/** PostgreSQL stores no NUL in texts, and neither NUL nor lone surrogates in jsonb. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
const ALL_UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** The text as PostgreSQL can hold it: what it cannot is replaced by U+FFFD, and nothing else is touched. */
export function storableText(text: string): string {
  return UNSTORABLE.test(text) ? text.replace(ALL_UNSTORABLE, REPLACEMENT) : text;
}

export function storableTexts(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(map);
  if (!entries.some(([name, text]) => UNSTORABLE.test(name) || UNSTORABLE.test(text))) return map;
  return Object.fromEntries(entries.map(([name, text]) => [storableText(name), storableText(text)]));
}
