import { type TlsSettings } from './checked-connector.js';

/** One request to an endpoint. The bytes of `body` are the bytes that are sent. */
export interface OutboundRequest {
  /** Absolute `http:` or `https:` URL without credentials. A fragment is ignored. */
  readonly url: URL | string;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'OPTIONS';
  /** Names in any case. `host`, `content-length` and the hop-by-hop headers are set by the sender and refused here. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where the endpoint is trusted by, or wants to see, certificates of somebody's own. */
  readonly tls?: { readonly owner: string; readonly settings: TlsSettings };
  /** An `http:` URL is refused. */
  readonly httpsOnly?: boolean;
  /**
   * One absolute deadline over waiting for a connection, name resolution, connecting, TLS, writing, the response's
   * head and its body. Clamped to 100–30,000 ms.
   */
  readonly timeoutMs: number;
  /** Bytes of the response's body that are kept. Default 16 KiB. */
  readonly maxStoredBodyBytes?: number;
  /** Bytes of the response's body that are read before the connection is destroyed. Default 64 KiB. */
  readonly maxReadBodyBytes?: number;
}

/** A response was received whole, or up to the read limit. What its status means is the caller's business. */
export interface HttpResponse {
  readonly kind: 'response';
  readonly status: number;
  /** Lower-case names; the values of a repeated header are joined by `, `. At most 16 KiB together. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** True where the receiver sent more than was kept. */
  readonly bodyTruncated: boolean;
  readonly durationMs: number;
}

/**
 * Why there is no response.
 *
 * - `timeout`: the deadline passed, or no connection within the connect timeout.
 * - `dns`: the name does not resolve.
 * - `connect`: refused or unreachable.
 * - `tls`: the handshake failed, or the certificate is not trusted.
 * - `reset`: the connection ended before the response did.
 * - `protocol`: what came is not HTTP/1.1, or its head is too large.
 * - `refused-address`: the address is one that Hookstream must not reach.
 * - `invalid-url`, `invalid-request`: the subscription's settings do not make a request; nothing was sent.
 */
export type FailureClass =
  'timeout' | 'dns' | 'connect' | 'tls' | 'reset' | 'protocol' | 'refused-address' | 'invalid-url' | 'invalid-request';

export interface HttpFailure {
  readonly kind: 'failure';
  readonly class: FailureClass;
  /** Plain words for the delivery log. Names no address that the URL did not name. */
  readonly message: string;
  readonly durationMs: number;
}

/** The caller withdrew its leave before a byte of the request was written: the endpoint knows nothing of it. */
export interface HttpWithheld {
  readonly kind: 'withheld';
}

export type HttpOutcome = HttpResponse | HttpFailure | HttpWithheld;

/** Sends requests to endpoints through connections that are checked against the address policy. */
export interface HttpSender {
  /**
   * Never rejects for what a receiver or the network does: that is an outcome. Rejects only after `close()`.
   *
   * @param mayBegin asked once, in the same turn as the first byte is written and after everything that is waited for (a
   *   name server, a connection, a place on one). Where it says no, or it would when no connection came about, the outcome
   *   is `withheld`. Default: yes. Must not throw.
   */
  sendRequest(request: OutboundRequest, mayBegin?: () => boolean): Promise<HttpOutcome>;
  /** Takes no more requests, waits for those in flight (each bounded by its deadline) and closes every connection. */
  close(): Promise<void>;
}
