import { z } from 'zod';
import { SETTINGS_PREFIX, type SettingsSchema } from './settings-schema.js';

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

/** What a service can be told, in the order of its schema: the source of docs/configuration.md. */
export function describeSettings(schema: SettingsSchema): readonly SettingDescription[] {
  return Object.entries(schema.shape).map(([name, setting]) => describeSetting(name, setting));
}

function describeSetting(name: string, setting: z.ZodType): SettingDescription {
  const layers = layersOf(setting);
  const fallback = layers.map(defaultOf).find((value) => value !== undefined);
  return {
    variable: SETTINGS_PREFIX + name,
    description: metaText(layers, 'description') ?? '',
    unit: metaText(layers, 'unit'),
    default: fallback,
    required: !setting.safeParse(undefined).success,
    secret: layers.some((layer) => layer.meta()?.['secret'] === true),
  };
}

/** The schema and what it wraps, outermost first. */
function layersOf(setting: z.ZodType): z.ZodType[] {
  const layers: z.ZodType[] = [];
  let inner: unknown = setting;
  while (inner instanceof z.ZodType) {
    layers.push(inner);
    inner = innerOf(inner);
  }
  return layers;
}

function innerOf(layer: z.ZodType): unknown {
  if (layer instanceof z.ZodOptional || layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault)
    return layer.unwrap();
  return layer instanceof z.ZodPipe ? layer.in : undefined;
}

function defaultOf(layer: z.ZodType): string | undefined {
  if (!(layer instanceof z.ZodDefault || layer instanceof z.ZodPrefault)) return undefined;
  const value: unknown = layer.def.defaultValue;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function metaText(layers: readonly z.ZodType[], key: string): string | undefined {
  const value = layers.map((layer) => layer.meta()?.[key]).find((found) => found !== undefined);
  return typeof value === 'string' ? value : undefined;
}
