import { describe, expect, it } from '@jest/globals';
import { type logLevel } from 'kafkajs';
import { type Logger } from '../ports.js';
import { clientLogCreator, levelOf } from './client-logger.js';

const ERROR = 1 as logLevel;

function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => lines.push(`${level} ${message}`);
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

describe('the log of the Kafka client', () => {
  it.each([
    'Response Metadata: The group coordinator is not available',
    'The group is rebalancing, re-joining',
    'Topic with this name already exists',
    'Pausing fetching from 1 topics',
  ])('keeps what is routine quiet: %s', (message) => {
    expect(levelOf(ERROR, message)).toBe('debug');
  });

  it('never says error: the caller decides what needs a person', () => {
    expect(levelOf(ERROR, 'Connection error: connect ECONNREFUSED')).toBe('warn');
  });

  it('says the same trouble once in ten seconds', () => {
    const { logger, lines } = recordingLogger();
    let now = 0;
    const log = clientLogCreator(logger, () => now)(ERROR);
    const say = () => {
      log({
        namespace: 'Connection',
        level: ERROR,
        label: 'ERROR',
        log: { timestamp: '', message: 'Connection error' },
      });
    };
    say();
    say();
    now = 10_000;
    say();
    expect(lines).toEqual(['warn kafkajs: Connection error', 'warn kafkajs: Connection error']);
  });
});
