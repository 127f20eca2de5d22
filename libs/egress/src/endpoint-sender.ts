import { type TlsSettings } from './checked-connector.js';
import { type HttpOutcome, type HttpSender, type OutboundRequest } from './http-exchange.js';
import { type HttpSenderOptions, createHttpSender, systemResolver } from './http-sender.js';

/** Senders with TLS settings of their own at once; the one unused for longest is closed for the next. */
const MAX_SEPARATE = 500;

/** The sender of all endpoints. Those with TLS settings of their own have connections of their own. */
export interface EndpointSender extends HttpSender {
  /** Closes what was kept open for an owner of TLS settings. */
  forget(owner: string): void;
}

interface Separate {
  readonly settings: TlsSettings;
  readonly sender: HttpSender;
}

/**
 * A connection that was made with one owner's certificate, or that trusts one owner's authorities, serves no request of
 * another, and none after the owner's settings have changed.
 */
export function createEndpointSender(options: Omit<HttpSenderOptions, 'tls'>): EndpointSender {
  const resolve = options.resolve ?? systemResolver(options.now);
  const common = createHttpSender({ ...options, resolve });
  const separate = new Map<string, Separate>();
  const closing = new Set<Promise<void>>();

  const close = (sender: HttpSender): void => {
    const closed = sender.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const forget = (owner: string): void => {
    const known = separate.get(owner);
    if (!known) return;
    separate.delete(owner);
    close(known.sender);
  };
  const senderFor = (owner: string, settings: TlsSettings): HttpSender => {
    const known = separate.get(owner);
    if (known && isSame(known.settings, settings)) {
      separate.delete(owner);
      separate.set(owner, known);
      return known.sender;
    }
    forget(owner);
    const sender = createHttpSender({ ...options, resolve, tls: settings });
    separate.set(owner, { settings, sender });
    const [oldest] = separate.keys();
    if (oldest !== undefined && separate.size > MAX_SEPARATE) forget(oldest);
    return sender;
  };

  return {
    sendRequest: (request: OutboundRequest, mayBegin?: () => boolean): Promise<HttpOutcome> => {
      const { tls } = request;
      const sender = tls === undefined ? common : senderFor(tls.owner, tls.settings);
      return sender.sendRequest(request, mayBegin);
    },
    forget,
    close: async () => {
      for (const owner of [...separate.keys()]) forget(owner);
      await Promise.all([common.close(), ...closing]);
    },
  };
}

function isSame(one: TlsSettings, other: TlsSettings): boolean {
  return one === other || (one.ca === other.ca && one.cert === other.cert && one.key === other.key);
}
