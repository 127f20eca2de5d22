import { DEFAULT_MAX_EVENT_BYTES } from '@hookstream/contracts';
import { bytes, serviceSettings } from '@hookstream/service';
import { z } from 'zod';

/** What the router can be told. It has no database settings: routing never asks one. */
export const settings = z.object({
  ...serviceSettings({ port: 8081 }),
  MAX_EVENT_BYTES: bytes({ min: 1_024 })
    .prefault(String(DEFAULT_MAX_EVENT_BYTES))
    .meta({ description: 'Largest data of an event; the same for all services' }),
});

export type Settings = z.output<typeof settings>;
