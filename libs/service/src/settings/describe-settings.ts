import { type SettingsSchema } from './load-settings.js';

/** One row of docs/configuration.md. */
export interface SettingDescription {
  readonly variable: string;
  readonly description: string;
  readonly unit: string | undefined;
  /** As one would write it; `undefined` where there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly secret: boolean;
}

export function describeSettings(schema: SettingsSchema): readonly SettingDescription[] {
  throw new Error(`not yet: ${typeof schema}`);
}
