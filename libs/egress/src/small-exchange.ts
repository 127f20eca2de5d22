import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { performance } from 'node:perf_hooks';
import { Duplex, type Readable } from 'node:stream';
import axios, { type AxiosInstance, type AxiosResponse, AxiosError } from 'axios';
import { type AddressPolicy } from './address-policy.js';
import { type CheckedConnector, createCheckedConnector } from './checked-connector.js';
import { EgressFailure, exchangeFailure } from './egress-failure.js';
import { type HttpFailure, type HttpResponse } from './http-exchange.js';
import { parseTarget } from './request-target.js';
import { systemResolver } from './http-sender.js';
import { type ResolveHost } from './resolve-host.js';

/** One of the calls that are made seldom: tokens and the like. */
export interface SmallRequest {
  /** Absolute `http:` or `https:` URL without credentials. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** One absolute deadline over all phases. */
  readonly timeoutMs: number;
}

/** A resource to be read. */
export interface ResourceRequest extends Omit<SmallRequest, 'body'> {
  /** An answer with more than this has failed. */
  readonly maxBodyBytes: number;
  /** Asked with the size of each piece of the body as it comes; where it says no, there is no memory for more. */
  readonly mayTake: (bytes: number) => boolean;
}

/** Makes calls that are no deliveries, through connections that are checked like those of deliveries. */
export interface SmallExchange {
  /** POST. Never rejects for what a server or the network does: that is an outcome. */
  post(request: SmallRequest): Promise<HttpResponse | HttpFailure>;
  /** GET, under the same rules. */
  get(request: ResourceRequest): Promise<HttpResponse | HttpFailure>;
}

export interface SmallExchangeOptions {
  readonly policy: AddressPolicy;
  /** Default: the operating system's resolver, its answers kept for 5 s. */
  readonly resolve?: ResolveHost;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 64 * 1024;

/** A connection for each call, no redirects, no proxies from the environment, at most 64 KiB of an answer. */
export function createSmallExchange(options: SmallExchangeOptions): SmallExchange {
  const now = options.now ?? (() => performance.now());
  const connector = createCheckedConnector({
    policy: options.policy,
    resolve: options.resolve ?? systemResolver(now),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    tls: {},
  });
  const client = clientOver(connector);

  const exchange = async (
    { url, headers, timeoutMs }: Omit<SmallRequest, 'body'>,
    call: (signal: AbortSignal) => Promise<Pick<AxiosResponse<Buffer>, 'status' | 'headers' | 'data'>>,
  ): Promise<HttpResponse | HttpFailure> => {
    const startedAt = now();
    const failed = (failure: EgressFailure): HttpFailure => {
      const { failureClass, message } = failure;
      return { kind: 'failure', class: failureClass, message, durationMs: now() - startedAt };
    };
    const target = parseTarget({ url, headers });
    if (target instanceof EgressFailure) return failed(target);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const { status, headers: answered, data: body } = await call(signal);
      const kept: Record<string, string> = {};
      for (const [name, value] of Object.entries(answered)) kept[name.toLowerCase()] = String(value);
      return { kind: 'response', status, headers: kept, body, bodyTruncated: false, durationMs: now() - startedAt };
    } catch (error) {
      return failed(failureOf(error, signal, timeoutMs));
    }
  };

  return {
    post: (request) => {
      const { url, headers, body } = request;
      return exchange(request, (signal) => client.post(url, Buffer.from(body), { headers: { ...headers }, signal }));
    },
    get: (request) => {
      const { url, headers } = request;
      return exchange(request, async (signal) => {
        const options = { headers: { ...headers }, signal, responseType: 'stream', maxContentLength: -1 } as const;
        const response = await client.get<Readable>(url, options);
        return { ...response, data: await readWhole(response.data, request) };
      });
    },
  };
}

async function readWhole(body: Readable, { maxBodyBytes, mayTake }: ResourceRequest): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body.iterator({ destroyOnReturn: true })) {
    if (!Buffer.isBuffer(piece)) throw new EgressFailure('protocol', 'the answer is not bytes');
    bytes += piece.length;
    if (bytes > maxBodyBytes) {
      throw new EgressFailure('protocol', `the answer is larger than ${maxBodyBytes / 1024} KiB`);
    }
    if (!mayTake(piece.length)) throw new EgressFailure('protocol', 'there is no memory for the answer now');
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}

function clientOver(connector: CheckedConnector): AxiosInstance {
  return axios.create({
    adapter: 'http',
    httpAgent: new CheckedHttpAgent(connector),
    httpsAgent: new CheckedHttpsAgent(connector),
    proxy: false,
    maxRedirects: 0,
    decompress: false,
    responseType: 'arraybuffer',
    maxContentLength: MAX_RESPONSE_BYTES,
    validateStatus: () => true,
    headers: { common: { accept: 'application/json', 'accept-encoding': 'identity' }, post: {} },
  });
}

type Connected = ((error: Error | null, socket: Duplex) => void) | undefined;

/** Where node:http would dial itself. */
function dial(connector: CheckedConnector, protocol: string, options: object, connected: Connected): undefined {
  const host = 'host' in options ? String(options.host) : '';
  const port = 'port' in options ? String(options.port) : '';
  // IPv6 literals come in brackets from a URL and without them from node:http.
  const hostname = host.replace(/^\[(.*)\]$/, '$1');
  connector.connect({ hostname, port, protocol }, (...[error, socket]) => {
    if (socket) connected?.(null, socket);
    else connected?.(error ?? new Error('no connection'), new Duplex());
  });
  return undefined;
}

class CheckedHttpAgent extends HttpAgent {
  constructor(private readonly connector: CheckedConnector) {
    super({ keepAlive: false });
  }

  override createConnection(options: object, connected?: Connected): undefined {
    return dial(this.connector, 'http:', options, connected);
  }
}

class CheckedHttpsAgent extends HttpsAgent {
  constructor(private readonly connector: CheckedConnector) {
    super({ keepAlive: false });
  }

  override createConnection(options: object, connected?: Connected): undefined {
    return dial(this.connector, 'https:', options, connected);
  }
}

function failureOf(error: unknown, signal: AbortSignal, timeoutMs: number): EgressFailure {
  if (signal.aborted) return new EgressFailure('timeout', `no whole answer came within ${timeoutMs / 1000} s`);
  const cause = error instanceof AxiosError ? (error.cause ?? error) : error;
  if (error instanceof AxiosError && error.message.startsWith('maxContentLength')) {
    return new EgressFailure('protocol', `the answer is larger than ${MAX_RESPONSE_BYTES / 1024} KiB`);
  }
  return exchangeFailure(cause);
}
