import { type z } from 'zod';

export const SETTINGS_PREFIX = 'HOOKSTREAM_';

/** A zod object whose keys are the environment variables' names without the prefix and whose inputs are texts. */
export type SettingsSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

export interface LoadedSettings<Settings> {
  readonly settings: Settings;
  /** One line for each `HOOKSTREAM_*` variable that looks like a misspelt setting. */
  readonly warnings: readonly string[];
}

/**
 * Reads settings from environment variables. An empty variable counts as not set.
 * @throws SettingsError with one line per missing or bad variable
 */
export function loadSettings<Schema extends SettingsSchema>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>> = process.env,
): LoadedSettings<z.output<Schema>> {
  throw new Error(`not yet: ${typeof schema} ${typeof env}`);
}
