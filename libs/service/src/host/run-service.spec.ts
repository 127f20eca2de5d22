import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { createLogger } from '../logging/service-logger.js';
import { serviceSettings } from '../settings/service-settings.js';
import { runService } from './run-service.js';
import { type ServiceHost } from './service-host.js';
import { type ServiceProcess } from './service-process.js';

@Module({})
class NothingModule {}

const logger = createLogger({ service: 'x', level: 'error', destination: { write: () => undefined } });
const env = { HOOKSTREAM_KAFKA_BROKERS: '127.0.0.1:1', HOOKSTREAM_HOST: '127.0.0.1', HOOKSTREAM_PORT: '0' };

/** Remembers the first exit, as a real process would not come to a second. */
class FakeProcess implements ServiceProcess {
  readonly errors: string[] = [];
  readonly exited: Promise<number>;
  exit: (code: number) => void = () => undefined;
  signal: (signal: NodeJS.Signals) => void = () => undefined;
  defect: (error: Error) => void = () => undefined;

  constructor() {
    this.exited = new Promise((resolve) => (this.exit = resolve));
  }

  onSignal(_signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): void {
    this.signal = listener;
  }

  onDefect(listener: (error: Error) => void): void {
    this.defect = listener;
  }

  writeError(line: string): void {
    this.errors.push(line);
  }
}

function run(compose: (host: ServiceHost) => void = () => {}, variables: Record<string, string> = env) {
  const around = new FakeProcess();
  const module = (host: ServiceHost) => {
    compose(host);
    return NothingModule;
  };
  const definition = { name: 'x', settings: z.object(serviceSettings({ port: 0 })), module };
  return { around, running: runService(definition, { env: variables, logger }, around) };
}

describe('runService', () => {
  it('exits with 2 and one line per bad setting', async () => {
    const { around } = run(undefined, { HOOKSTREAM_PORT: 'http' });
    expect(await around.exited).toBe(2);
    expect(around.errors.map((line) => line.split(/[: ]/)[0])).toEqual(['HOOKSTREAM_PORT', 'HOOKSTREAM_KAFKA_BROKERS']);
  });

  it('drains and exits with 0 on a signal, also on one that comes while it starts', async () => {
    let drained = false;
    const { around } = run((host) => host.lifecycle.onDrain('lanes', () => void (drained = true)));
    around.signal('SIGTERM');
    expect(await around.exited).toBe(0);
    expect(drained).toBe(true);
  });

  it('exits with 1 at once on a second signal', async () => {
    let release = () => {};
    const draining = new Promise<void>((resolve) => (release = resolve));
    const { around, running } = run((host) => host.lifecycle.onDrain('lanes', () => draining));
    await running;
    around.signal('SIGINT');
    around.signal('SIGINT');
    expect(await around.exited).toBe(1);
    release();
  });

  it('exits with 1 when a step of the stop fails, on a defect, and when it cannot be composed', async () => {
    const failing = run((host) => host.lifecycle.onDrain('lanes', () => Promise.reject(new Error('stuck'))));
    await failing.running;
    failing.around.signal('SIGTERM');
    expect(await failing.around.exited).toBe(1);

    const defect = run();
    await defect.running;
    defect.around.defect(new Error('broken invariant'));
    expect(await defect.around.exited).toBe(1);
    defect.around.signal('SIGTERM');

    const broken = run(() => {
      throw new Error('no such part');
    });
    expect(await broken.around.exited).toBe(1);
  });
});
