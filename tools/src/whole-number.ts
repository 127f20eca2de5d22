/** What was given to an option. @throws Error that names the option and its bounds */
export function wholeNumber(option: string, given: string, min: number, max: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${option} takes a whole number from ${min} to ${max}, not ${given}`);
}
