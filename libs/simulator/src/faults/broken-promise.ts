/** Something the system under test promises did not hold. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** @throws `BrokenPromise` */
export function mustHold(holds: boolean, promise: () => string): asserts holds {
  if (!holds) throw new BrokenPromise(promise());
}
