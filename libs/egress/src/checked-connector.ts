import { type Socket, type TcpNetConnectOpts, connect as connectTcp, isIP } from 'node:net';
import { type ConnectionOptions, type SecureContext, connect as connectTls, createSecureContext } from 'node:tls';
import { type buildConnector } from 'undici';
import { type AddressPolicy } from './address-policy.js';
import { EgressFailure, tcpFailure, tlsFailure } from './egress-failure.js';
import { checkDialled, permittedAddresses } from './permitted-addresses.js';
import { type ResolveHost, type ResolvedAddress } from './resolve-host.js';

/** How the endpoints of one client are trusted, and how it shows itself to them. */
export interface TlsSettings {
  /** Trusted authorities in PEM, in place of the system's. */
  readonly ca?: string;
  /** Client certificate chain and key in PEM. */
  readonly cert?: string;
  readonly key?: string;
}

export interface CheckedConnectorOptions {
  readonly policy: AddressPolicy;
  readonly resolve: ResolveHost;
  /** Over name resolution, TCP and TLS together. */
  readonly connectTimeoutMs: number;
  readonly tls: TlsSettings;
  /** Opens a TCP connection; `node:net` save in tests. */
  readonly dial?: (options: TcpNetConnectOpts) => Socket;
}

export interface CheckedConnector {
  /** The function that undici calls for each new connection. */
  readonly connect: buildConnector.connector;
  /** Gives up every connection that is still being made. */
  abandonAll(): void;
}

// Where a name has several addresses, the next one is tried after this time.
const NEXT_ADDRESS_AFTER_MS = 500;
const TCP_KEEP_ALIVE_AFTER_MS = 60_000;

/**
 * The one way out: every connection is made here. The address is checked before it is dialled and again on the
 * connected socket, before the first byte is written to it, a TLS handshake included.
 */
export function createCheckedConnector(options: CheckedConnectorOptions): CheckedConnector {
  const underWay = new Set<AbortController>();
  const context = contextOnce(options.tls);

  return {
    connect: ({ hostname, port, protocol }, callback) => {
      const target = { host: hostname, port: Number(port === '' ? DEFAULT_PORTS[protocol] : port), protocol };
      const attempt = new AbortController();
      underWay.add(attempt);
      const timer = setTimeout(() => attempt.abort(connectTimeout(options.connectTimeoutMs)), options.connectTimeoutMs);

      openChecked(target, { ...options, context }, attempt.signal)
        .finally(() => {
          clearTimeout(timer);
          underWay.delete(attempt);
        })
        .then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(tcpFailure(error), null),
        );
    },
    abandonAll: () => {
      for (const attempt of underWay) attempt.abort(new EgressFailure('connect', 'the sender was closed'));
    },
  };
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

const connectTimeout = (ms: number): EgressFailure =>
  new EgressFailure('timeout', `no connection could be made within ${ms / 1000} s`);

interface Target {
  readonly host: string;
  readonly port: number;
  readonly protocol: string;
}

interface Connecting extends CheckedConnectorOptions {
  /** @throws where certificate and key make none */
  readonly context: () => SecureContext | undefined;
}

async function openChecked(target: Target, options: Connecting, signal: AbortSignal): Promise<Socket> {
  const { policy, resolve, context, dial = connectTcp } = options;
  const addresses = await unlessAborted(permittedAddresses(target.host, policy, resolve), signal);

  const tcp = dial(tcpOptions(target, addresses));
  tcp.setNoDelay(true).setKeepAlive(true, TCP_KEEP_ALIVE_AFTER_MS);
  await opened(tcp, 'connect', signal).catch((error: unknown) => {
    throw tcpFailure(error);
  });
  try {
    checkDialled(target.host, tcp.remoteAddress, policy);
  } catch (error) {
    tcp.destroy();
    throw error;
  }
  if (target.protocol !== 'https:') return tcp;

  try {
    const secure = connectTls(tlsOptions(target, tcp, context()));
    await opened(secure, 'secureConnect', signal);
    return secure;
  } catch (error) {
    tcp.destroy();
    throw tlsFailure(error);
  }
}

/** Made once for all connections, and not before the first: authorities and keys take long to read. */
function contextOnce({ ca, cert, key }: TlsSettings): () => SecureContext | undefined {
  const isOwn = ca !== undefined || cert !== undefined;
  let made: SecureContext | undefined;
  return () => {
    if (isOwn) made ??= createSecureContext({ ca, cert, key });
    return made;
  };
}

function tcpOptions({ host, port }: Target, addresses: readonly ResolvedAddress[]): TcpNetConnectOpts {
  return {
    host,
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    // Answers with what was checked: the name is not resolved a second time.
    lookup: (_hostname, { all }, callback) => {
      const [first] = addresses;
      if (all === true) callback(null, [...addresses]);
      else callback(null, first?.address ?? '', first?.family);
    },
  };
}

function tlsOptions({ host }: Target, socket: Socket, secureContext: SecureContext | undefined): ConnectionOptions {
  return {
    socket,
    host,
    // An IP literal is checked against the certificate's addresses and is never sent as a server name (RFC 6066).
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    ...(secureContext && { secureContext }),
  };
}

/** Resolves on the event; else destroys the socket and rejects with its error or the reason of the abort. */
function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = settledBy<void>(signal);
  // Stays on: an error of a socket that is no longer wanted must not become an uncaught one.
  socket.on('error', reject);
  const onClose = (): void => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
  socket.once('close', onClose).once(event, () => {
    socket.off('close', onClose);
    resolve();
  });
  return promise.catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = settledBy<T>(signal);
  work.then(resolve, reject);
  return promise;
}

/** A promise that the signal rejects if nothing else has settled it. */
function settledBy<T>(signal: AbortSignal): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const stop = (): void => signal.removeEventListener('abort', onAbort);
  promise.then(stop, stop);
  return { promise, resolve, reject };
}
