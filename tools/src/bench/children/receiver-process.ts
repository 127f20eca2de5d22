// The receiver of all benchmarks, alone in its process and as cheap as can be: it answers 200 and notes what it has
// answered. Told so, it hangs or takes its time.
import { createServer, type Socket } from 'node:net';
import { z } from 'zod';
import { ArrivalJournal } from '../measure/arrival-journal.js';
import { findTag, type EventTag } from '../measure/event-tag.js';
import { monotonicMs } from '../measure/monotonic.js';
import { RequestSplitter } from '../measure/request-splitter.js';
import { operation, serve } from './serve.js';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
const phaseSchema = z.object({ phase: z.number() });

const REFUSAL = Buffer.from('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
const behaviourSchema = z.object({
  delayMs: z.number().nullable(),
  refusesEvery: z.number().optional(),
  cuts: z.boolean().optional(),
});

const journal = new ArrivalJournal();
let behaviour: z.infer<typeof behaviourSchema> = { delayMs: 0 };
const server = createServer({ noDelay: true }, (socket) => {
  if (behaviour.cuts === true) socket.resetAndDestroy();
  else receive(socket);
});

function receive(socket: Socket): void {
  const splitter = new RequestSplitter((buffer, bodyStart, end) => {
    const tag = findTag(buffer, bodyStart, end);
    const { delayMs } = behaviour;
    if (delayMs === 0) answer(socket, tag);
    else if (delayMs !== null) setTimeout(() => answer(socket, tag), delayMs);
  });
  socket.on('data', (chunk) => {
    try {
      splitter.push(chunk);
    } catch {
      // Not what a sender of ours would send: its sender sees a broken connection, our ledger a missing event.
      journal.strays += 1;
      socket.destroy();
    }
  });
  // A sender that was killed; it is counted by what it did not send.
  socket.on('error', () => socket.destroy());
}

function answer(socket: Socket, tag: EventTag | undefined): void {
  // Whoever has given up will ask again.
  if (socket.destroyed) return;
  const refused = tag !== undefined && isRefused(tag);
  journal.note(tag, monotonicMs());
  socket.write(refused ? REFUSAL : ANSWER);
}

function isRefused(tag: EventTag): boolean {
  const { refusesEvery } = behaviour;
  return refusesEvery !== undefined && tag.number % refusesEvery === 0 && journal.countOf(tag) === 0;
}

serve({
  behave: operation(behaviourSchema, (asked) => {
    behaviour = asked;
  }),
  listen: operation(
    z.object({}),
    () =>
      new Promise((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          resolve(server.address());
        });
      }),
  ),
  open: operation(z.object({ phase: z.number(), events: z.number() }), ({ phase, events }) => {
    journal.open(phase, events);
  }),
  tally: operation(phaseSchema, ({ phase }) => ({ ...journal.tally(phase), strays: journal.strays })),
  arrivals: operation(phaseSchema, ({ phase }) => journal.arrivals(phase)),
});
