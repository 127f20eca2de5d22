import { errors } from 'undici';
import { type FailureClass } from './http-exchange.js';

/** A failure on the way to a response, with the words that go into the delivery log. Becomes an outcome, never escapes. */
export class EgressFailure extends Error {
  constructor(
    readonly failureClass: FailureClass,
    message: string,
  ) {
    super(message);
    this.name = 'EgressFailure';
  }
}

const UNREACHABLE = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['EHOSTUNREACH', 'the host is unreachable'],
  ['ENETUNREACH', 'the network is unreachable'],
  ['EADDRNOTAVAIL', 'the host is unreachable'],
  ['ETIMEDOUT', 'the connection attempt timed out'],
  ['ECONNRESET', 'the connection was closed while it was being made'],
]);

const CERTIFICATE = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate chain ends in an authority that is not trusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate chain is incomplete or not trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'its certificate chain is incomplete or not trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate chain is incomplete or not trusted'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
]);

/** The failure of a TCP connection attempt. */
export function tcpFailure(error: unknown): EgressFailure {
  if (error instanceof EgressFailure) return error;
  const code = codeOf(error);
  return new EgressFailure('connect', UNREACHABLE.get(code) ?? `no connection could be made${inBrackets(code)}`);
}

/** The failure of a TLS handshake. */
export function tlsFailure(error: unknown): EgressFailure {
  if (error instanceof EgressFailure) return error;
  const code = codeOf(error);
  const certificate = CERTIFICATE.get(code);
  if (certificate !== undefined) return new EgressFailure('tls', `the endpoint cannot be trusted: ${certificate}`);
  if (code === 'ECONNRESET') return new EgressFailure('tls', 'the connection was closed during the TLS handshake');
  return new EgressFailure('tls', `the TLS handshake failed${inBrackets(code)}`);
}

/** The failure of an exchange over a connection that was made, or of a request that could not be written. */
export function exchangeFailure(error: unknown): EgressFailure {
  if (error instanceof EgressFailure) return error;
  if (error instanceof errors.HTTPParserError) {
    const [, reason = ''] = /\(([^)]*)\)$/.exec(error.message) ?? [];
    return new EgressFailure('protocol', `the response is not valid HTTP/1.1${inBrackets(reason)}`);
  }
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return new EgressFailure('invalid-request', `the request cannot be sent: ${messageOf(error)}`);
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new EgressFailure('protocol', "the response's headers are larger than 16 KiB");
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return new EgressFailure('reset', 'the response does not match its content-length');
    case 'UND_ERR_SOCKET':
      return messageOf(error).startsWith('bad ')
        ? new EgressFailure('protocol', 'the endpoint answered with a status that was not asked for')
        : new EgressFailure('reset', 'the endpoint closed the connection before the response was complete');
    case 'ECONNRESET':
    case 'EPIPE':
      return new EgressFailure('reset', 'the connection was reset before the response was complete');
    case 'ETIMEDOUT':
      return new EgressFailure('reset', 'the connection was lost before the response was complete');
    default:
  }
  if (code.startsWith('ERR_SSL_')) return tlsFailure(error);
  return new EgressFailure('reset', `the connection failed before the response was complete${inBrackets(code)}`);
}

const inBrackets = (code: string): string => (code === '' ? '' : ` (${code})`);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
