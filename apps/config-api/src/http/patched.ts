import { type ExpectedVersions } from '../core/config-store.js';
import { type Outcome, rejected } from '../core/outcome.js';
import { valueOf } from './problem-of-rejection.js';

const ATTEMPTS = 5;

/**
 * Reads a thing, and writes what a patch makes of it as long as nobody else wrote meanwhile; else does it anew, unless
 * the caller named a version.
 *
 * @throws Problem
 */
export async function patched<State extends { readonly version: number }, Written>(
  expected: ExpectedVersions,
  read: () => Promise<State>,
  write: (state: State, version: ExpectedVersions) => Promise<Outcome<Written>>,
): Promise<Written> {
  for (let left = ATTEMPTS; ; left -= 1) {
    const state = await read();
    if (expected && !expected.includes(state.version)) {
      return valueOf(rejected({ kind: 'version-mismatch', currentVersion: state.version }));
    }
    const written = await write(state, [state.version]);
    const outrun = !written.ok && written.rejection.kind === 'version-mismatch';
    if (!outrun || expected || left === 0) return valueOf(written);
  }
}
