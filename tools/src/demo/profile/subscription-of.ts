import type { ListedProfile } from '../hookstream-api.js';

/** What `POST /v1/subscriptions` takes for a profile's sample, with its receiver at `origin`, trusted by `ca` where it has one. */
export function subscriptionOf(
  { name, sample }: ListedProfile,
  origin: string,
  ca: string | undefined,
): Readonly<Record<string, unknown>> {
  const { endpoint, ...settings } = placed(sample.settings ?? {}, origin);
  return {
    name: `demo: ${name}`,
    profile: name,
    eventTypes: [...new Set(sample.events.map(({ type }) => type))],
    ...settings,
    endpoint: { url: `${origin}/${name}`, ...(ca !== undefined && { tls: { ca } }), ...endpoint },
  };
}

function placed(settings: NonNullable<ListedProfile['sample']['settings']>, origin: string): typeof settings {
  return JSON.parse(JSON.stringify(settings).replaceAll('{{receiver}}', origin)) as typeof settings;
}
