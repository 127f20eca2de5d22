import { type z } from 'zod';
import { nearestName } from '../spelling/nearest-name.js';
import { describeSettings, type SettingDescription } from './describe-settings.js';
import { SettingsError } from './settings-error.js';
import { SETTINGS_PREFIX, type SettingsSchema } from './settings-schema.js';

export interface LoadedSettings<Settings> {
  readonly settings: Settings;
  /** One line for each `HOOKSTREAM_*` variable this service does not know; it names the nearest one it knows. */
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings from environment variables. An empty variable counts as not set.
 * @throws SettingsError with one line per missing or bad variable
 */
export function loadSettings<Schema extends SettingsSchema>(
  schema: Schema,
  env: Environment = process.env,
): LoadedSettings<z.output<Schema>> {
  const descriptions = new Map(describeSettings(schema).map((description) => [description.variable, description]));
  const written = [...descriptions.keys()].map((variable) => [variable.slice(SETTINGS_PREFIX.length), env[variable]]);
  const input: unknown = Object.fromEntries(written.filter(([, value]) => value !== undefined && value !== ''));

  const parsed = schema.safeParse(input);
  if (!parsed.success)
    throw new SettingsError(parsed.error.issues.map((issue) => problemLine(issue, descriptions, env)));
  return { settings: parsed.data, warnings: unknownVariables(descriptions.keys(), env) };
}

function problemLine(
  issue: z.core.$ZodIssue,
  descriptions: ReadonlyMap<string, SettingDescription>,
  env: Environment,
): string {
  const variable = SETTINGS_PREFIX + String(issue.path[0]);
  const description = descriptions.get(variable);
  const meaning = description?.description ? ` (${description.description})` : '';
  const value = env[variable];
  if (value === undefined || value === '') return `${variable} is missing: set it${meaning}`;
  const shown = description?.secret ? 'its value' : JSON.stringify(value);
  return `${variable}: ${shown} ${issue.message}${meaning}`;
}

function unknownVariables(known: Iterable<string>, env: Environment): string[] {
  const names = new Set(known);
  return Object.keys(env)
    .filter((variable) => variable.startsWith(SETTINGS_PREFIX) && !names.has(variable))
    .map((variable) => {
      const nearest = nearestName(variable.slice(SETTINGS_PREFIX.length), shortened(names));
      return nearest === undefined
        ? `${variable} is not a setting of this service`
        : `${variable} is not a setting of this service; did you mean ${SETTINGS_PREFIX}${nearest}?`;
    });
}

function shortened(names: Iterable<string>): string[] {
  return [...names].map((name) => name.slice(SETTINGS_PREFIX.length));
}
