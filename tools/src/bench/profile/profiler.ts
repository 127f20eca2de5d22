import type { ServiceName, ServiceStack } from '@hookstream/testing';
import { BENCH } from '../stack/state.js';
import { PROFILE_DIR, PROFILE_NAME } from './profile-settings.js';

/** Makes a service's process one that `toggleProfile` works on. */
export function profilingEnv(name: ServiceName): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${import.meta.resolve('./profile-preload.js')}`,
    [PROFILE_DIR]: BENCH.profileDir,
    [PROFILE_NAME]: name,
  };
}

/** Begins the profile of each of these services that runs, or ends and writes it. */
export async function toggleProfiles(services: ServiceStack, names: readonly ServiceName[]): Promise<void> {
  for (const name of names) await services.service(name).kill('SIGUSR2');
}
