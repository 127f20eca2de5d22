/** Settings that cannot be used. `runService` prints the lines and exits with 2. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  /** @param problems one line each: the variable, what is wrong, the remedy; never a secret's value */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
