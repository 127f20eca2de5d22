import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** What the receiver does with a connection; `request` resolves with each whole request's bytes, in turn. */
export type Script = (connection: ReceiverConnection) => void | Promise<void>;

interface ReceiverConnection {
  readonly socket: Socket;
  /** The next whole request (by content-length) on this connection, head and body. */
  request(): Promise<string>;
}

export interface ScriptedReceiver {
  readonly port: number;
  readonly url: string;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Bytes received over all connections. */
  readonly bytesReceived: number;
  /** Resolves when no connection is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A real server on 127.0.0.1 that follows a script byte by byte, well-behaved or not. */
export async function startReceiver(script: Script, tls?: TlsOptions): Promise<ScriptedReceiver> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let bytesReceived = 0;

  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      bytesReceived += chunk.length;
    });
    void script({ socket, request: requestReader(socket) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook`,
    get accepted() {
      return accepted;
    },
    get bytesReceived() {
      return bytesReceived;
    },
    idle: async () => {
      for (const socket of sockets) await new Promise((resolve) => socket.once('close', resolve));
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers each request on the connection with the same bytes. */
export const answering =
  (response: string | Buffer): Script =>
  async ({ socket, request }) => {
    for (;;) {
      await request();
      socket.write(response);
    }
  };

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

function requestReader(socket: Socket): () => Promise<string> {
  let received = '';
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake();
  });
  return async () => {
    for (;;) {
      const headEnd = received.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (headEnd >= 4 && received.length >= headEnd + length) {
        const whole = received.slice(0, headEnd + length);
        received = received.slice(headEnd + length);
        return whole;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
