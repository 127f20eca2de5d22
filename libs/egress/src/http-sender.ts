import { performance } from 'node:perf_hooks';
import { Agent } from 'undici';
import { type AddressPolicy } from './address-policy.js';
import { type TlsSettings, createCheckedConnector } from './checked-connector.js';
import { EgressFailure } from './egress-failure.js';
import { type HttpOutcome, type HttpSender, type OutboundRequest } from './http-exchange.js';
import { parseTarget } from './request-target.js';
import { type ResolveHost, cacheAnswers, resolveBySystem } from './resolve-host.js';
import { type Captured, ResponseCapture, WITHHELD } from './response-capture.js';

export interface HttpSenderOptions {
  readonly policy: AddressPolicy;
  /** Connections to one origin at most; further requests wait within their deadline. Default 128. */
  readonly connectionsPerOrigin?: number;
  /** Over name resolution, TCP and TLS of one connection. Default 10,000 ms. */
  readonly connectTimeoutMs?: number;
  /** For all endpoints of this sender. Endpoints with other settings need a sender of their own. */
  readonly tls?: TlsSettings;
  /** Default: the operating system's resolver, its answers kept for 5 s. */
  readonly resolve?: ResolveHost;
  /** Monotonic milliseconds, for durations and for the age of DNS answers. */
  readonly now?: () => number;
}

const TIMEOUT_MS = { min: 100, max: 30_000 };
const STORED_BODY_BYTES = 16 * 1024;
const READ_BODY_BYTES = 64 * 1024;
const MAX_RESPONSE_HEAD_BYTES = 16 * 1024;
// Below Node's own server default of 5 s, so that it is this side that closes an idle connection.
const IDLE_CONNECTION_MS = 4_000;
const MAX_IDLE_CONNECTION_MS = 60_000;

/** The operating system's resolver, its answers kept for 5 s. */
export function systemResolver(now: () => number = () => performance.now()): ResolveHost {
  return cacheAnswers(resolveBySystem, { ttlMs: 5_000, failureTtlMs: 1_000, maxNames: 10_000, now });
}

/**
 * Makes the sender that all deliveries of a process share: HTTP/1.1, kept connections, no redirects, no proxies from
 * the environment, and no connection to an address that the policy refuses.
 */
export function createHttpSender(options: HttpSenderOptions): HttpSender {
  const now = options.now ?? (() => performance.now());
  const connector = createCheckedConnector({
    policy: options.policy,
    resolve: options.resolve ?? systemResolver(now),
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    tls: options.tls ?? {},
  });
  const agent = new Agent({
    connect: connector.connect,
    connections: options.connectionsPerOrigin ?? 128,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: MAX_RESPONSE_HEAD_BYTES,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: MAX_IDLE_CONNECTION_MS,
    // One deadline per request covers all phases.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const inFlight = new Set<Promise<HttpOutcome>>();
  let closing: Promise<void> | undefined;

  const exchange = (request: OutboundRequest, mayBegin: () => boolean): Promise<HttpOutcome> => {
    const startedAt = now();
    const target = parseTarget(request);
    if (target instanceof EgressFailure) return Promise.resolve(outcomeOf(target, now() - startedAt));

    const timeoutMs = Math.min(Math.max(request.timeoutMs, TIMEOUT_MS.min), TIMEOUT_MS.max);
    return new Promise((resolve) => {
      const capture = new ResponseCapture(
        {
          maxStoredBodyBytes: request.maxStoredBodyBytes ?? STORED_BODY_BYTES,
          maxReadBodyBytes: request.maxReadBodyBytes ?? READ_BODY_BYTES,
        },
        mayBegin,
        (captured) => {
          clearTimeout(deadline);
          resolve(outcomeOf(captured, now() - startedAt));
        },
      );
      // Timers come before sockets in a turn of the event loop: what arrived in time, while this process was at work or
      // stopped, is read first.
      const deadline = setTimeout(() => setImmediate(() => capture.expire(timeoutMs)), timeoutMs);
      const { origin, path } = target;
      agent.dispatch({ origin, path, method: request.method, headers: request.headers, body: request.body }, capture);
    });
  };

  return {
    sendRequest: (request, mayBegin = always) => {
      if (closing !== undefined) return Promise.reject(new Error('the HTTP sender is closed'));
      const outcome = exchange(request, mayBegin);
      inFlight.add(outcome);
      void outcome.then(() => inFlight.delete(outcome));
      return outcome;
    },
    close: () => {
      closing ??= Promise.all(inFlight).then(async () => {
        connector.abandonAll();
        await agent.destroy();
      });
      return closing;
    },
  };
}

const always = (): boolean => true;

function outcomeOf(captured: Captured, durationMs: number): HttpOutcome {
  if (captured === WITHHELD) return { kind: 'withheld' };
  if (!(captured instanceof EgressFailure)) return { kind: 'response', ...captured, durationMs };
  return { kind: 'failure', class: captured.failureClass, message: captured.message, durationMs };
}
