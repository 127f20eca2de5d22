import { type LogEntry, type logCreator } from 'kafkajs';
import { type Logger } from '../ports.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** kafkajs says ERROR for what every healthy start, restart and rebalance goes through. */
const ROUTINE = [
  /coordinator is not available/i,
  /coordinator is loading/i,
  /not the correct coordinator/i,
  /group is rebalancing/i,
  /rebalance/i,
  /Topic with this name already exists/i,
  /The coordinator is not aware of this member/i,
  /There is no leader for this topic-partition/i,
  /^(Pausing|Resuming) fetching from/,
  /^(Starting|Stopped)$/,
  /Limiting retries for the idempotent producer/, // the adapter retries itself
  /consumer not running, exiting/,
  /^Consumer has joined the group$/,
];

/** Connection trouble repeats with every retry; one line per text and this long is enough. */
const REPEAT_AFTER_MS = 10_000;
const MOST_REMEMBERED = 100;

const LEVELS: Readonly<Record<number, Level>> = { 1: 'error', 2: 'warn', 4: 'info', 5: 'debug' };

export function levelOf(level: number, message: string): Level {
  const own = LEVELS[level] ?? 'info';
  if (own === 'debug' || ROUTINE.some((pattern) => pattern.test(message))) return 'debug';
  // What needs a person is decided above this library: it retries, and says so when it gives up.
  return own === 'error' ? 'warn' : own;
}

/** Maps kafkajs's log lines to ours, with routine noise lowered and repeats left out. */
export function clientLogCreator(logger: Logger, now: () => number = () => performance.now()): logCreator {
  const lastSaid = new Map<string, number>();

  function isRepeat(message: string): boolean {
    const last = lastSaid.get(message);
    if (last !== undefined && now() - last < REPEAT_AFTER_MS) return true;
    if (lastSaid.size >= MOST_REMEMBERED) lastSaid.clear();
    lastSaid.set(message, now());
    return false;
  }

  return () =>
    ({ namespace, level, log }: LogEntry) => {
      const { message, ...fields } = log;
      const reason: unknown = fields['error'];
      const text = typeof reason === 'string' ? `${message}: ${reason}` : message;
      const mapped = levelOf(level, text);
      if (mapped === 'warn' && isRepeat(text)) return;
      const { groupId, broker, topic, partition, memberId, retryCount } = fields;
      logger[mapped](`kafkajs: ${text}`, { namespace, groupId, broker, topic, partition, memberId, retryCount });
    };
}
