import { types } from 'node:util';

/** What was thrown, for a person. */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown);
}

/** Node's and the libraries' names of an error, such as `EADDRINUSE`. */
export function codeOf(thrown: unknown): string | undefined {
  return isError(thrown) && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** `instanceof Error` that also knows errors made in another realm (a `vm` context, as Jest has). */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}
