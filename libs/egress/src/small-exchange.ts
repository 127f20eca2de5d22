import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { performance } from 'node:perf_hooks';
import { Duplex } from 'node:stream';
import axios, { type AxiosInstance, AxiosError } from 'axios';
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

/** Makes calls that are no deliveries, through connections that are checked like those of deliveries. */
export interface SmallExchange {
  /** POST. Never rejects for what a server or the network does: that is an outcome. */
  post(request: SmallRequest): Promise<HttpResponse | HttpFailure>;
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

  return {
    post: async ({ url, headers, body, timeoutMs }) => {
      const startedAt = now();
      const failed = (failure: EgressFailure): HttpFailure => {
        const { failureClass, message } = failure;
        return { kind: 'failure', class: failureClass, message, durationMs: now() - startedAt };
      };
      const target = parseTarget({ url, headers });
      if (target instanceof EgressFailure) return failed(target);
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const response = await client.post<Buffer>(url, Buffer.from(body), { headers: { ...headers }, signal });
        const kept: Record<string, string> = {};
        for (const [name, value] of Object.entries(response.headers)) kept[name.toLowerCase()] = String(value);
        const durationMs = now() - startedAt;
        return {
          kind: 'response',
          status: response.status,
          headers: kept,
          body: response.data,
          bodyTruncated: false,
          durationMs,
        };
      } catch (error) {
        return failed(failureOf(error, signal, timeoutMs));
      }
    },
  };
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
    headers: { common: { accept: 'application/json' }, post: {} },
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
