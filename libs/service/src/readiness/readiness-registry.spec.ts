import { describe, expect, it } from '@jest/globals';
import { ReadinessRegistry } from './readiness-registry.js';

describe('ReadinessRegistry', () => {
  it('is ready when all checks hold', async () => {
    const registry = new ReadinessRegistry();
    registry.register('kafka', () => true);
    registry.register('database', () => Promise.resolve(true));
    expect(await registry.report()).toEqual({ ready: true, checks: { kafka: 'ok', database: 'ok' } });
  });

  it('tells which failed and why, a throwing check included', async () => {
    const registry = new ReadinessRegistry();
    registry.register('kafka', () => 'no broker answers');
    registry.register('database', () => Promise.reject(new Error('refused')));
    registry.register('lanes', () => false);
    registry.register('configuration', () => true);
    expect(await registry.report()).toEqual({
      ready: false,
      checks: {
        kafka: { reason: 'no broker answers' },
        database: { reason: 'refused' },
        lanes: { reason: 'not ready' },
        configuration: 'ok',
      },
    });
  });

  it('does not wait for a check that hangs', async () => {
    const registry = new ReadinessRegistry();
    registry.register('database', () => new Promise(() => {}));
    expect(await registry.report()).toEqual({ ready: false, checks: { database: { reason: 'no answer within 1 s' } } });
  });

  it('refuses a name that is taken', () => {
    const registry = new ReadinessRegistry();
    registry.register('kafka', () => true);
    expect(() => registry.register('kafka', () => true)).toThrow('registered twice');
  });
});
