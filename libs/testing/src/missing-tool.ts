/** Something that must be installed on this machine is not there. The message is one line and tells the remedy. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
}
