import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@hookstream/testing';
import type { BookKeeper } from './books.js';

export interface Call {
  readonly n: number;
  readonly delivery: string;
  /** How often this delivery has come before. */
  readonly before: number;
}

/** Status 0 cuts the connection. */
export interface Answer {
  readonly status: number;
  readonly delayMs?: number;
}

/** A real HTTP server that writes down each request with its answer before it gives that, and keeps no request. */
export class JournalingReceiver {
  private readonly calls = new Map<string, number>();
  private server: Server | undefined;

  private constructor(
    readonly name: string,
    private readonly port: number,
    private readonly books: BookKeeper,
    private readonly answer: (call: Call) => Answer,
  ) {}

  static async start(
    name: string,
    books: BookKeeper,
    answer: (call: Call) => Answer = () => ({ status: 200 }),
  ): Promise<JournalingReceiver> {
    const receiver = new JournalingReceiver(name, await freePort(), books, answer);
    await receiver.up();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/${this.name}`;
  }

  /** Deliveries that came at least once. */
  get seen(): number {
    return this.calls.size;
  }

  /** Listens, again at the same port. */
  async up(): Promise<void> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      // A sender that was killed: nobody is left to answer.
      this.take(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.server = server;
  }

  /** Cuts all connections; further ones are refused. */
  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const n = Number(/"n":(\d+)/.exec(body)?.[1]);
    const delivery = String(request.headers['webhook-id']);
    const before = this.calls.get(delivery) ?? 0;
    this.calls.set(delivery, before + 1);
    const { status, delayMs = 0 } = this.answer({ n, delivery, before });
    this.books.write('arrivals', { receiver: this.name, n, delivery, atMs: Date.now(), status });
    if (delayMs > 0) await pause(delayMs);
    if (status === 0) request.socket.resetAndDestroy();
    else response.writeHead(status).end();
  }
}
