import { describe, expect, it } from '@jest/globals';
import { createLogger } from './service-logger.js';
import { NestLogger } from './nest-logger.js';

function logged(level: 'debug' | 'info' = 'info') {
  const lines: unknown[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, logger: createLogger({ service: 'router', level, destination }) };
}

describe('createLogger', () => {
  it('writes one JSON line with level, time, service and fields', () => {
    const { lines, logger } = logged();
    logger.child({ topic: 'events' }).info('routed', { records: 3 });
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.+Z$/),
        service: 'router',
        topic: 'events',
        records: 3,
        message: 'routed',
      },
    ]);
  });

  it('drops lines below its level', () => {
    const { lines, logger } = logged();
    logger.debug('detail');
    expect(lines).toEqual([]);
  });

  it.each([
    'authorization',
    'set-cookie',
    'signingSecret',
    'password',
    'apiKey',
    'api_key',
    'key',
    'privateKey',
    'accessToken',
  ])('never writes the value of %s, however deep', (name) => {
    const { lines, logger } = logged();
    logger
      .child({ [name]: 'hunter2' })
      .warn('odd', { [name]: 'hunter2', request: { headers: [{ [name]: 'hunter2' }] } });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines).toHaveLength(1);
  });

  it('keeps names that only look alike', () => {
    const { lines, logger } = logged();
    logger.info('x', { keyed: 1, monkey: 'a', orderingKey: 'b' });
    expect(lines[0]).toMatchObject({ keyed: 1, monkey: 'a', orderingKey: 'b' });
  });

  it('tells an error and its cause without what a client hung on it, and bytes by their number', () => {
    const { lines, logger } = logged();
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', config: { auth: 'hunter2' } });
    logger.error('failed', { error: new TypeError('outer', { cause }), body: Buffer.from('hunter2') });
    expect(lines[0]).toMatchObject({
      error: { type: 'TypeError', message: 'outer', cause: { message: 'refused', code: 'ECONNREFUSED' } },
      body: '[7 bytes]',
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('survives circular fields', () => {
    const { lines, logger } = logged();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    logger.info('round', { circle });
    expect(lines).toHaveLength(1);
  });
});

describe('NestLogger', () => {
  it('turns down what Nest tells of its start and keeps its errors', () => {
    const { lines, logger } = logged();
    const nest = new NestLogger(logger);
    nest.log('Mapped {/x, GET} route', 'RouterExplorer');
    nest.error(new Error('boom'), 'stack', 'ExceptionHandler');
    expect(lines).toEqual([expect.objectContaining({ level: 'error', message: 'boom', context: 'ExceptionHandler' })]);
  });
});
