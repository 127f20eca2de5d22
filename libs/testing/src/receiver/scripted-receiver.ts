import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Script } from './answer.js';
import type { ReceivedRequest } from './received-request.js';

/** A real HTTP server on 127.0.0.1 that writes down every request and answers as its script says (default: 200). */
export class ScriptedReceiver {
  /** Every complete request so far, in order of arrival. */
  readonly journal: ReceivedRequest[] = [];
  private readonly closing = new AbortController();

  private constructor(
    private readonly server: Server,
    private script: Script,
    readonly port: number,
  ) {
    // Every answer that is delayed listens until its time has come: as many as there are requests under way.
    setMaxListeners(0, this.closing.signal);
    server.on('request', (request, response) => {
      this.handle(request, response).catch(() => {
        // The client went away, or close() did away with it: nothing is left to answer.
        response.destroy();
      });
    });
  }

  /** `port`: default a free one; a fixed one lets a receiver come back where it was. */
  static async start(script: Script = () => ({}), port = 0): Promise<ScriptedReceiver> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new ScriptedReceiver(server, script, portOf(server.address()));
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** From the next request on. */
  answerWith(script: Script): void {
    this.script = script;
  }

  /** What came to one path, the query included. */
  requestsTo(path: string): readonly ReceivedRequest[] {
    return this.journal.filter((request) => request.path === path);
  }

  /** Cuts every connection, also those that hang, and frees the port. */
  async close(): Promise<void> {
    this.closing.abort();
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedAtMs = Date.now();
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const request: ReceivedRequest = {
      index: this.journal.length,
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body: Buffer.concat(chunks),
      arrivedAtMs,
    };
    this.journal.push(request);
    const reaction = await this.script(request);
    if (reaction === 'hang') return;
    if (reaction === 'reset') {
      incoming.socket.resetAndDestroy();
      return;
    }
    const { status = 200, headers = {}, body = '', delayMs = 0 } = reaction;
    if (delayMs > 0) await delay(delayMs, undefined, { signal: this.closing.signal });
    response.writeHead(status, headers).end(body);
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the receiver does not listen on a port');
  return address.port;
}
