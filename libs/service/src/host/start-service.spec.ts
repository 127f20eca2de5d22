import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, type DynamicModule, Module, Post } from '@nestjs/common';
import { connect } from 'node:net';
import { z } from 'zod';
import { createLogger } from '../logging/service-logger.js';
import { BodyLimit } from '../problems/body-limit.js';
import { Problem } from '../problems/problem.js';
import { ZodBody, ZodQuery } from '../problems/zod-body.js';
import { serviceSettings } from '../settings/service-settings.js';
import { SettingsError } from '../settings/settings-error.js';
import { type RunningService } from './running-host.js';
import { type ServiceHost } from './service-host.js';
import { startService } from './start-service.js';

const thingSchema = z.strictObject({ name: z.string(), eventTypes: z.array(z.string()).default([]) });
const querySchema = z.strictObject({ limit: z.coerce.number().max(100).default(50) });

class Transient extends Error {
  readonly retryable = true;
}

@Controller('things')
class ThingsController {
  @Post()
  create(@ZodBody(thingSchema) thing: z.output<typeof thingSchema>) {
    return thing;
  }

  @Get()
  list(@ZodQuery(querySchema) query: z.output<typeof querySchema>) {
    return query;
  }

  @Get('refused')
  refused() {
    throw new Problem('unauthorized', { detail: 'No such key' });
  }

  @Get('broken')
  broken() {
    throw new Error('postgres://user:hunter2@db');
  }

  @Get('away')
  away() {
    throw new Transient('connection refused');
  }

  @Post('poke')
  poke() {
    return {};
  }

  @Post('small')
  @BodyLimit(10)
  small(@Body() body: unknown) {
    return body;
  }
}

@Module({})
class ThingsModule {}

const settings = z.object(serviceSettings({ port: 0 }));
const env = {
  HOOKSTREAM_KAFKA_BROKERS: '127.0.0.1:1',
  HOOKSTREAM_HOST: '127.0.0.1',
  HOOKSTREAM_PORT: '0',
  HOOKSTREAM_SHUTDOWN_TIMEOUT: '1s',
};

const lines: string[] = [];
const logger = createLogger({
  service: 'things',
  level: 'info',
  destination: { write: (line) => void lines.push(line) },
});
let running: RunningService | undefined;

afterEach(async () => {
  await running?.stop().catch(() => undefined);
  running = undefined;
  lines.length = 0;
});

async function start(compose: (host: ServiceHost) => void = () => {}, more: Record<string, string> = {}) {
  const module = (host: ServiceHost): DynamicModule => {
    compose(host);
    return { module: ThingsModule, controllers: [ThingsController] };
  };
  const service = await startService({ name: 'things', settings, module }, { env: { ...env, ...more }, logger });
  running = service;
  return service;
}

async function ask(path: string, init?: RequestInit) {
  const answer = await fetch(`${running?.url}${path}`, init);
  const text = await answer.text();
  const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
  return { status: answer.status, headers: answer.headers, text, json, type: answer.headers.get('content-type') };
}

function post(path: string, body: string, type = 'application/json') {
  return ask(path, { method: 'POST', body, headers: { 'content-type': type } });
}

describe('startService: problems', () => {
  it('hands a valid body to the controller and names an unknown field', async () => {
    await start();
    expect(await post('/things', '{"name":"x"}')).toMatchObject({ status: 201, json: { name: 'x', eventTypes: [] } });
    const refused = await post('/things', '{"name":"x","evenTypes":[]}');
    expect(refused).toMatchObject({ status: 400, type: 'application/problem+json; charset=utf-8' });
    expect(refused.json).toMatchObject({
      type: '/problems/invalid-request',
      errors: [{ pointer: '/evenTypes', message: 'unknown field "evenTypes"; did you mean "eventTypes"?' }],
    });
    expect((await ask('/things?limit=1000')).json).toMatchObject({ errors: [{ parameter: 'limit' }] });
  });

  it.each([
    ['malformed JSON', () => post('/things', '{"name":'), 400, 'malformed-json'],
    ['an empty body where one is needed', () => post('/things', ''), 400, 'invalid-request'],
    ['another content type', () => post('/things', 'x', 'text/csv'), 415, 'unsupported-media-type'],
    ['a body above the default limit', () => post('/things', `"${'x'.repeat(300_000)}"`), 413, 'payload-too-large'],
    ['an unknown path', () => ask('/nowhere?token=hunter2'), 404, 'not-found'],
    ['a malformed URL', () => ask('/things/%zz'), 400, 'invalid-request'],
    ['a wrong method', () => ask('/things', { method: 'DELETE' }), 405, 'method-not-allowed'],
    ['a defect', () => ask('/things/broken'), 500, 'internal'],
    ['something that is away', () => ask('/things/away'), 503, 'unavailable'],
    ['a missing key', () => ask('/things/refused'), 401, 'unauthorized'],
  ])('answers problem+json to %s', async (_name, request, status, slug) => {
    await start();
    const answer = await request();
    expect(answer).toMatchObject({ status, type: 'application/problem+json; charset=utf-8' });
    expect(answer.json).toMatchObject({ type: `/problems/${slug}`, status });
    expect(answer.text).not.toContain('hunter2');
  });

  it('takes a POST without a body although it names a content type', async () => {
    await start();
    expect(await post('/things/poke', '')).toMatchObject({ status: 201 });
  });

  it('tells the limit, the methods, the challenge and when to come again', async () => {
    await start();
    expect((await post('/things/small', '"12345678901"')).json).toMatchObject({
      status: 413,
      detail: 'The body is larger than 10 bytes, the most that POST /things/small takes',
    });
    expect((await ask('/things', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, POST');
    expect((await ask('/things/refused')).headers.get('www-authenticate')).toBe('Bearer');
    expect((await ask('/things/away')).headers.get('retry-after')).toBe('5');
  });

  it('logs a defect with its cause and a refusal without the query', async () => {
    await start();
    await ask('/things/broken');
    await ask('/nowhere?token=hunter2');
    const told = lines.map((line): unknown => JSON.parse(line));
    expect(told).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'request failed', path: '/things/broken' }),
    );
    expect(told).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'request', path: '/nowhere', status: 404 }),
    );
    expect(lines.filter((line) => line.includes('token=')).length).toBe(0);
  });
});

describe('startService: probes', () => {
  it('is healthy at once and tells what it waits for until it is ready', async () => {
    let attempts = 0;
    await start((host) => {
      host.lifecycle.onStart('database', () => {
        attempts += 1;
        return attempts < 3 ? Promise.reject(new Error('connection refused')) : Promise.resolve();
      });
    });
    expect((await ask('/healthz')).status).toBe(200);
    const waiting = await ask('/readyz');
    expect(waiting).toMatchObject({ status: 503, json: { checks: { database: { reason: 'connection refused' } } } });
    while ((await ask('/readyz')).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(attempts).toBe(3);
  });

  it('shows process figures and its own with the prefix', async () => {
    await start((host) => host.metrics.counter('things_total', 'Things').inc());
    await ask('/things');
    const { text } = await ask('/metrics');
    expect(text).toContain('hookstream_things_total 1');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).toMatch(/hookstream_http_request_seconds_count\{method="GET",route="\/things",status="200"\} 1/);
  });
});

describe('startService: stop', () => {
  it('is not ready while it drains, then closes what was opened last first', async () => {
    const order: string[] = [];
    const during: unknown[] = [];
    const service = await start((host) => {
      host.lifecycle.onClose('pool', () => void order.push('pool'));
      host.lifecycle.onClose('producer', () => void order.push('producer'));
      host.lifecycle.onDrain('lanes', async () => {
        during.push((await ask('/readyz')).json);
        order.push('lanes');
      });
    });
    await Promise.all([service.stop(), service.stop()]);
    expect(order).toEqual(['lanes', 'producer', 'pool']);
    expect(during).toEqual([{ ready: false, checks: { running: { reason: 'the service is stopping' } } }]);
    await expect(reachable(service.url)).resolves.toBe(false);
  });

  it('goes on with the other steps when one fails, and rejects', async () => {
    const order: string[] = [];
    const service = await start((host) => {
      host.lifecycle.onDrain('lanes', () => Promise.reject(new Error('stuck')));
      host.lifecycle.onClose('pool', () => void order.push('pool'));
    });
    await expect(service.stop()).rejects.toThrow('did not stop cleanly');
    expect(order).toEqual(['pool']);
  });

  it('rejects when a drain takes longer than the timeout', async () => {
    let release = () => {};
    const never = new Promise<void>((resolve) => (release = resolve));
    const service = await start((host) => host.lifecycle.onDrain('lanes', () => never));
    await expect(service.stop()).rejects.toThrow('did not stop within 1000 ms');
    release();
  });
});

describe('startService: refusals', () => {
  it('refuses a port that is in use with the remedy', async () => {
    const { url } = await start();
    const port = new URL(url).port;
    const second = startService(
      { name: 'x', settings, module: () => ThingsModule },
      { env: { ...env, HOOKSTREAM_PORT: port }, logger },
    );
    await expect(second).rejects.toThrow(SettingsError);
    await expect(second).rejects.toThrow('is in use');
  });

  it('refuses to start when a pattern has no handler', async () => {
    const compose = (host: ServiceHost) =>
      void host.batchTransport({ groupId: 'g', topics: { deliveries: ['t'] }, commit: 'manual' });
    await expect(start(compose)).rejects.toThrow('no @BatchPattern handler for deliveries');
  });

  it('warns of a misspelt variable', async () => {
    await start(undefined, { HOOKSTREAM_LOG_LEVL: 'debug' });
    expect(lines.join('')).toContain('did you mean HOOKSTREAM_LOG_LEVEL?');
  });
});

function reachable(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
