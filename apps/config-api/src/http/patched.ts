import { type Caller } from '../core/caller.js';
import { type ExpectedVersions } from '../core/config-store.js';
import { type Outcome, rejected } from '../core/outcome.js';
import { foundOr404, valueOf } from './problem-of-rejection.js';

const ATTEMPTS = 5;

/** Things that are replaced as a whole, one version after the other. */
interface Replaceable<State, Request, Written> {
  find(caller: Caller, id: string): Promise<State | undefined>;
  replace(caller: Caller, id: string, request: Request, expected: ExpectedVersions): Promise<Outcome<Written>>;
}

/** Which of them, and for whom. */
interface PatchTarget {
  readonly caller: Caller;
  readonly id: string;
  /** The versions the caller named. */
  readonly expected: ExpectedVersions;
}

/**
 * Reads a thing, and writes what a patch makes of it as long as nobody else wrote meanwhile; else does it anew, unless
 * the caller named a version.
 *
 * @param requestOf what the patch makes of the thing as it is: a whole request, checked
 * @throws Problem
 */
export async function patched<State extends { readonly version: number }, Request, Written>(
  things: Replaceable<State, Request, Written>,
  { caller, id, expected }: PatchTarget,
  requestOf: (state: State) => Request,
): Promise<Written> {
  for (let left = ATTEMPTS; ; left -= 1) {
    const state = foundOr404(await things.find(caller, id));
    if (expected && !expected.includes(state.version)) {
      return valueOf(rejected({ kind: 'version-mismatch', currentVersion: state.version }));
    }
    const written = await things.replace(caller, id, requestOf(state), [state.version]);
    const outrun = !written.ok && written.rejection.kind === 'version-mismatch';
    if (!outrun || expected || left === 0) return valueOf(written);
  }
}
