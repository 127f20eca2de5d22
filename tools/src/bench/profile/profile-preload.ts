// Loaded into a service before its own code: SIGUSR2 starts a CPU profile, a second one writes it. Node 20 takes no
// `--cpu-prof` from NODE_OPTIONS, and a profile of the whole life would be one of starting up.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { PROFILE_DIR, PROFILE_NAME } from './profile-settings.js';

const SAMPLING_MICROSECONDS = 500;
const session = new Session();
let state: 'off' | 'on' = 'off';
let written = 0;

async function toggle(): Promise<void> {
  if (state === 'off') {
    state = 'on';
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROSECONDS });
    await session.post('Profiler.start');
    return;
  }
  state = 'off';
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const folder = process.env[PROFILE_DIR] ?? '.';
  mkdirSync(folder, { recursive: true });
  const name = `${process.env[PROFILE_NAME] ?? 'service'}-${process.pid}-${++written}.cpuprofile`;
  writeFileSync(join(folder, name), JSON.stringify(profile));
}

process.on('SIGUSR2', () => {
  void toggle();
});
