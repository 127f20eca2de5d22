import { type z } from 'zod';

export const SETTINGS_PREFIX = 'HOOKSTREAM_';

/** A zod object whose keys are the environment variables' names without the prefix and whose inputs are texts. */
export type SettingsSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;
