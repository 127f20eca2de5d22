import { bytes, serviceSettings } from '@hookstream/service';
import { DEFAULT_MAX_EVENT_BYTES } from '@hookstream/contracts';
import { z } from 'zod';

export const settings = z.object({
  ...serviceSettings({ port: 8083 }),
  MAX_EVENT_BYTES: bytes({ min: 1_024 })
    .prefault(String(DEFAULT_MAX_EVENT_BYTES))
    .meta({ description: 'Largest data of an event; the same for all services' }),
});

export type Settings = z.output<typeof settings>;
