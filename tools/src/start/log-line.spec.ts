import { describe, expect, it } from '@jest/globals';
import { terminalLine } from './log-line.js';

const line = (level: string, more = {}) =>
  JSON.stringify({ level, time: '2026-01-01T00:00:00Z', service: 'router', message: 'what happened', ...more });

describe('terminalLine', () => {
  it('shows warnings and errors with their fields', () => {
    expect(terminalLine('router', line('warn', { topic: 't' }), 'problems')).toBe(
      'router          │ warn  what happened {"topic":"t"}',
    );
  });

  it('leaves the rest to the log file unless all is wanted', () => {
    expect(terminalLine('router', line('info'), 'problems')).toBeUndefined();
    expect(terminalLine('router', line('info'), 'all')).toBe('router          │ info  what happened');
  });

  it('keeps warnings back while everything starts, and cuts what is too long for a terminal', () => {
    expect(terminalLine('router', line('warn'), 'errors')).toBeUndefined();
    expect(terminalLine('router', line('error', { stack: 'x'.repeat(500) }), 'errors')).toHaveLength(301);
  });

  it('shows what is no log line', () => {
    expect(terminalLine('audit-log', 'Error: boom', 'problems')).toBe('audit-log       │ Error: boom');
    expect(terminalLine('audit-log', '{"half":', 'problems')).toBe('audit-log       │ {"half":');
  });
});
