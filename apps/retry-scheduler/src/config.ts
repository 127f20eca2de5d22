import { bytes, integer, serviceSettings } from '@hookstream/service';
import { DEFAULT_MAX_EVENT_BYTES } from '@hookstream/contracts';
import { z } from 'zod';

export const settings = z.object({
  ...serviceSettings({ port: 8083 }),
  MAX_EVENT_BYTES: bytes({ min: 1_024 })
    .prefault(String(DEFAULT_MAX_EVENT_BYTES))
    .meta({ description: 'Largest data of an event; the same for all services' }),
  MAX_RETURNS_PER_SECOND: integer({ min: 1, max: 10_000 }).prefault('100').meta({
    description:
      'Deliveries that come back to one endpoint per second when it can be reached again, at most; to all together four times as many',
  }),
});

export type Settings = z.output<typeof settings>;
