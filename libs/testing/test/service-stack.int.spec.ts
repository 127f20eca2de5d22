// Real: processes and HTTP. The services are stubs.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findOwnProcess, stopForeignProcess } from '../src/child/pid-file.js';
import { eventually } from '../src/eventually.js';
import { keepAlive, type Crash } from '../src/stack/keep-alive.js';
import { layOutServices, startServices, type ServiceStack, type StackSettings } from '../src/stack/start-services.js';

const STUB = join(dirname(fileURLToPath(import.meta.url)), 'fixtures', 'stub-service.mjs');

describe('a stack of services', () => {
  let folder: string;
  let stack: ServiceStack | undefined;
  const settings = (more: Partial<StackSettings> = {}): StackSettings => ({
    brokers: 'localhost:1',
    databaseUrl: 'postgresql://nowhere',
    only: ['config-api', 'router'],
    entryOf: () => STUB,
    logDir: join(folder, 'log'),
    pidDir: join(folder, 'run'),
    ...more,
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hookstream-stack-'));
  });
  afterEach(async () => {
    await stack?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it('is started, ready and stopped, and leaves logs but no pid file', async () => {
    stack = await startServices(settings());
    const router = stack.service('router');
    expect(findOwnProcess(join(folder, 'run', 'router.pid'), STUB)).toBe(router.pid);
    const env = await fetch(`${router.url}/env`).then((response) => response.text());
    expect(env).toContain('"HOOKSTREAM_KAFKA_BROKERS":"localhost:1"');
    expect(env).not.toContain('postgresql://nowhere');
    await stack.stop();
    expect(router.pid).toBeUndefined();
    expect(router.logLines.join()).toContain('draining');
    expect(existsSync(join(folder, 'run', 'router.pid'))).toBe(false);
    await eventually(() => {
      expect(readFileSync(join(folder, 'log', 'router.log'), 'utf8')).toContain('draining');
    });
  });

  it('has services that can be killed and restarted in place', async () => {
    stack = await startServices(settings());
    const router = stack.service('router');
    const { pid, url } = router;
    await router.kill('SIGKILL');
    expect(router.pid).toBeUndefined();
    await router.restart();
    expect(router.pid).not.toBe(pid);
    expect(router.url).toBe(url);
  });

  it('fails with the log of a service that ends before it is ready', async () => {
    const broken = join(folder, 'broken.mjs');
    const start = startServices(settings({ entryOf: (name) => (name === 'router' ? broken : STUB) }));
    await expect(start).rejects.toThrow(/router ended \(1\) before it was ready:[\s\S]*Cannot find module/);
  });

  it('brings a crashed service back and tells of it', async () => {
    stack = await startServices(settings({ only: ['router'] }));
    const router = stack.service('router');
    const stopped = new AbortController();
    const crashes: Crash[] = [];
    const watch = keepAlive(
      router,
      (crash) => {
        crashes.push(crash);
        return 'restart';
      },
      stopped.signal,
    );
    await fetch(`${router.url}/crash`).catch(() => undefined);
    await eventually(() => {
      expect(crashes).toEqual([{ name: 'router', code: 3, signal: null, restartInMs: 1_000 }]);
    });
    await eventually(() => router.ready());
    stopped.abort();
    await stack.stop();
    await watch;
    expect(crashes).toHaveLength(1);
  });

  it('can be found and stopped by a successor of the process that started it', async () => {
    stack = await layOutServices(settings({ only: ['router'] }));
    await stack.start();
    const pidFile = join(folder, 'run', 'router.pid');
    expect(findOwnProcess(pidFile, 'some other program')).toBeUndefined();
    const pid = findOwnProcess(pidFile, STUB);
    if (pid === undefined) throw new Error('the pid file does not lead to the service');
    await stopForeignProcess(pid, 'SIGTERM', 5_000);
    await eventually(() => {
      expect(stack?.service('router').pid).toBeUndefined();
    });
  });
});
