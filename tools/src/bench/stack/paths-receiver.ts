import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { monotonicMs } from '../measure/monotonic.js';

/** Answers 200 to everything, and knows when each path was last asked, and first since it was listened to. */
export class PathsReceiver {
  private readonly lastAtMs = new Map<string, number>();
  private readonly listeners = new Map<string, (atMs: number) => void>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<PathsReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const receiver = new PathsReceiver(server, address.port);
    server.on('request', (request, response) => {
      const atMs = monotonicMs();
      const path = request.url ?? '';
      receiver.lastAtMs.set(path, atMs);
      receiver.listeners.get(path)?.(atMs);
      receiver.listeners.delete(path);
      request.resume();
      response.writeHead(200).end();
    });
    return receiver;
  }

  /** Of the last request; undefined for none. */
  lastAt(path: string): number | undefined {
    return this.lastAtMs.get(path);
  }

  /** When the next request comes. */
  next(path: string): Promise<number> {
    return new Promise((resolve) => this.listeners.set(path, resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
