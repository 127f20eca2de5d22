import { z } from 'zod';
import { PoisonRecord } from '@hookstream/domain';
import { idOf } from '../ids.js';
import { parseJson } from '../json-header.js';
import type { ConsumedRecord, OutgoingRecord } from '../record.js';

const commandSchema = z.object({
  kind: z.enum(['deactivate-subscription', 'pause-subscription']),
  subscription: idOf('sub'),
  /** Shown to its owner: `gone`, `failing`, `delivery-exhausted` … */
  reason: z.string(),
  /** Acts only on this version: a change made meanwhile wins. */
  expectedVersion: z.number(),
  atMs: z.number(),
});

/** A request to config-api, the only writer of configuration. */
export type Command = z.infer<typeof commandSchema>;

export function encodeCommand(topic: string, command: Command): OutgoingRecord {
  return { topic, key: command.subscription, value: Buffer.from(JSON.stringify(command)) };
}

export function decodeCommand(record: ConsumedRecord): Command {
  if (!record.value) throw new PoisonRecord('undecodable', 'the value is null');
  return parseJson(commandSchema, record.value, 'command');
}
