import { connect } from 'node:net';

/** Sends bytes as they are, and closes the connection when nothing comes any more. @returns all that came back */
export function sendRaw(
  url: string,
  bytes: string | Buffer,
  options: { readonly end?: boolean } = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(bytes);
      if (options.end) socket.end();
    });
    const chunks: Buffer[] = [];
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // One answer is asked for; what may follow is of no interest.
      if (Buffer.concat(chunks).includes('\r\n\r\n')) socket.setTimeout(200);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}
