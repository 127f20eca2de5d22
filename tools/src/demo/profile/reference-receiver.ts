import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { LocalCertificate } from './local-certificate.js';
import { requestText } from './request-text.js';
import { checkSignature, type KnownSigning } from './signature-check.js';

export interface ReceiverOptions {
  /** With one it is called by https. */
  readonly certificate?: LocalCertificate | undefined;
  /** What a GET is answered, by path. */
  readonly resources: Readonly<Record<string, unknown>>;
  readonly print: (text: string) => void;
}

/** A receiver on 127.0.0.1 as a receiver should be: it verifies, shows what came as it came, and knows repeats. */
export class ReferenceReceiver {
  /** Requests that were genuine, and those that were not. */
  readonly seen = { genuine: 0, refused: 0 };
  private readonly ids = new Set<string>();
  private readonly server;
  private learn: (signing: KnownSigning) => void = () => undefined;
  // What comes before the subscription is known waits: a ping may be quicker than the answer that tells the secret.
  private readonly signing = new Promise<KnownSigning>((resolve) => {
    this.learn = resolve;
  });

  private constructor(private readonly options: ReceiverOptions) {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      this.handle(request, response).catch(() => response.destroy());
    };
    const { certificate } = options;
    this.server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  }

  static async start(options: ReceiverOptions): Promise<ReferenceReceiver> {
    const receiver = new ReferenceReceiver(options);
    await new Promise<void>((resolve, reject) => {
      receiver.server.once('error', reject);
      receiver.server.listen(0, '127.0.0.1', resolve);
    });
    return receiver;
  }

  /** Without a slash at its end. */
  get origin(): string {
    const { port } = this.server.address() as AddressInfo;
    return `${this.options.certificate ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  trust(signing: KnownSigning): void {
    this.learn(signing);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (request.method === 'GET') {
      this.answerResource(request, response);
      return;
    }
    const signing = await this.signing;
    const { isGenuine, by } = checkSignature(signing, { headers: request.headers, body }, Date.now());
    const id = String(request.headers['webhook-id']);
    const isRepeat = this.ids.has(id);
    this.ids.add(id);
    const status = isGenuine ? 200 : 401;
    this.seen[isGenuine ? 'genuine' : 'refused'] += 1;
    const verdict = isGenuine ? `verified by ${by}` : `REFUSED by ${by}`;
    const repeat = isRepeat ? '; its webhook-id was here before' : '';
    this.options.print(`\n${requestText(request, body)}\n\n  → ${verdict}${repeat}; answered ${status}\n`);
    response.writeHead(status).end();
  }

  private answerResource({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const resource = this.options.resources[url];
    this.options.print(
      `GET ${url}: the receiver is asked for the entity, answered ${resource === undefined ? 404 : 200}`,
    );
    if (resource === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(resource));
  }
}
