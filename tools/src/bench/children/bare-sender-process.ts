// The limit: the same requests as the dispatcher's, signed, by a bare undici without anything around it.
import { createHmac, randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { taggedData, tagText } from '../measure/event-tag.js';
import { monotonicMs } from '../measure/monotonic.js';
import { operation, serve } from './serve.js';

const sendSchema = z.object({
  url: z.string(),
  phase: z.number(),
  requests: z.number(),
  inFlight: z.number(),
  dataBytes: z.number(),
});
type Sending = z.infer<typeof sendSchema>;

const key = randomBytes(32);
let agent: Agent | undefined;

async function sendAll(sending: Sending): Promise<{ startedAtMs: number; finishedAtMs: number; failed: number }> {
  const dispatcher = (agent ??= new Agent({ connections: sending.inFlight, pipelining: 1 }));
  const startedAtMs = monotonicMs();
  let next = 0;
  let failed = 0;
  const worker = async () => {
    while (next < sending.requests) {
      const number = next++;
      const status = await send(sending, number, dispatcher);
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: sending.inFlight }, worker));
  return { startedAtMs, finishedAtMs: monotonicMs(), failed };
}

async function send({ url, phase, dataBytes }: Sending, number: number, dispatcher: Agent): Promise<number> {
  const tag = { phase, number };
  const start = `{"type":"bench.bare","timestamp":"${new Date().toISOString()}","data":`;
  const body = Buffer.concat([Buffer.from(start), taggedData(tag, dataBytes), Buffer.from('}')]);
  const id = `dlv_${tagText(tag)}`;
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const response = await request(url, {
    method: 'POST',
    dispatcher,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Hookstream/bench',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  });
  await response.body.dump();
  return response.statusCode;
}

serve({ send: operation(sendSchema, sendAll) });
