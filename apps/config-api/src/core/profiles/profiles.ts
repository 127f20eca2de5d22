import { z } from 'zod';
import { mergePatch } from '../json-merge.js';
import { appStore } from './app-store.js';
import { cloudevents } from './cloudevents.js';
import { defacto } from './defacto.js';
import { github } from './github.js';
import { intercom } from './intercom.js';
import { jobTracker } from './job-tracker.js';
import { messenger } from './messenger.js';
import type { Profile } from './profile.js';
import { SAMPLES } from './samples.js';
import { slack } from './slack.js';
import { snapbill } from './snapbill.js';
import { standardWebhooks } from './standard-webhooks.js';

/** All there are, in the order they are listed. */
export const PROFILES: readonly Profile[] = [
  standardWebhooks,
  cloudevents,
  snapbill,
  github,
  intercom,
  messenger,
  defacto,
  slack,
  appStore,
  jobTracker,
];

/** Each with what shows it at work. */
export const listedProfiles = PROFILES.map((profile) => ({ ...profile, sample: SAMPLES[profile.name] }));

const byName = new Map(PROFILES.map((profile) => [profile.name, profile]));

export const profileName = z
  .string()
  .refine((name) => byName.has(name), `must be one of ${[...byName.keys()].join(', ')}`)
  .meta({
    description: 'Fills the settings that are not given: `GET /v1/profiles` lists which. What is given goes before.',
    override: { enum: [...byName.keys()] },
  });

export const profileView = z
  .object({
    name: z.string(),
    description: z.string(),
    settings: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What a request would give; all else is default.' }),
    sample: z
      .object({
        settings: z.record(z.string(), z.unknown()).optional().meta({
          description: 'What such a subscription says besides; `{{receiver}}` is the address of its receiver.',
        }),
        events: z.array(z.looseObject({ type: z.string(), data: z.unknown() })).meta({
          description: 'CloudEvents to send, without `specversion`, `id` and `source`.',
        }),
        resources: z
          .record(z.string(), z.unknown())
          .optional()
          .meta({ description: 'What the receiver answers to a GET, by path.' }),
      })
      .meta({ description: 'What shows it at work, as `npm run demo` does.' }),
  })
  .meta({ id: 'Profile' });

const naming = z.object({ profile: z.string() });

/**
 * A request with the settings of the profile it names under its own; another request as it is. An unknown name is left for
 * whoever reads the request.
 */
export function withProfile(request: unknown): unknown {
  const settings = settingsNamedBy(request);
  return settings ? mergePatch(settings, request) : request;
}

/** The settings of the profile that a request, or a merge patch, names. */
export function settingsNamedBy(request: unknown): Profile['settings'] | undefined {
  const named = naming.safeParse(request);
  return named.success ? byName.get(named.data.profile)?.settings : undefined;
}
