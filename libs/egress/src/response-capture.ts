import { type Dispatcher } from 'undici';
import { EgressFailure, exchangeFailure } from './egress-failure.js';

/** Nothing was sent, because it might not be any more. */
export const WITHHELD = Symbol('withheld');

/** What became of one exchange, without its duration. */
export type Captured =
  | typeof WITHHELD
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
      readonly bodyTruncated: boolean;
    }
  | EgressFailure;

export interface CaptureLimits {
  readonly maxStoredBodyBytes: number;
  readonly maxReadBodyBytes: number;
}

// A receiver may announce 102, 103 and the like; one that does nothing else is broken.
const MAX_INFORMATIONAL = 16;

/**
 * Receives one response from undici and settles once: with the response when it ended or enough of it was read, with a
 * failure when the connection failed or the deadline passed. After that the connection is of no more use and destroyed,
 * unless the response ended.
 *
 * Handles undici's events itself because that costs half of `request()`.
 */
export class ResponseCapture implements Dispatcher.DispatchHandler {
  readonly #limits: CaptureLimits;
  readonly #mayBegin: () => boolean;
  readonly #onSettled: (captured: Captured) => void;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #announcedBytes = 0;
  #informational = 0;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #readBytes = 0;

  /** @param mayBegin whether the request may still be written; asked when nothing is left to be waited for */
  constructor(limits: CaptureLimits, mayBegin: () => boolean, onSettled: (captured: Captured) => void) {
    this.#limits = limits;
    this.#mayBegin = mayBegin;
    this.#onSettled = onSettled;
  }

  /** The deadline passed. Does nothing where the exchange is over. */
  expire(timeoutMs: number): void {
    if (this.#settled) return;
    const where =
      this.#status !== 0
        ? `status ${this.#status} came, but the response did not end`
        : this.#controller === undefined
          ? 'no connection was ready'
          : 'the endpoint did not answer';
    this.#fail(new EgressFailure('timeout', `${where} within ${timeoutMs / 1000} s`));
    this.#controller?.abort(new Error('the response is of no more use'));
  }

  /** undici writes the head to the socket in this very turn, right after this has returned. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown, not aborted: an abort would destroy the connection, which is good and serves the next request.
    if (this.#settled) throw new EgressFailure('timeout', 'the deadline passed before a connection was ready');
    if (!this.#mayBegin()) {
      this.#settle(WITHHELD);
      throw new Error('the request may not begin any more');
    }
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational > MAX_INFORMATIONAL) {
        this.#stop(new EgressFailure('protocol', 'the endpoint sends informational responses without end'));
      }
      return;
    }
    this.#status = status;
    this.#headers = flatten(headers);
    this.#announcedBytes = Number(this.#headers['content-length'] ?? 0);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { maxStoredBodyBytes, maxReadBodyBytes } = this.#limits;
    this.#readBytes += chunk.length;

    const room = maxStoredBodyBytes - this.#keptBytes;
    if (room > 0) {
      // Copied: the chunk is a window on a receive buffer of 64 KiB that it would keep alive.
      const kept = Buffer.from(chunk.subarray(0, room));
      this.#kept.push(kept);
      this.#keptBytes += kept.length;
    }

    // Reading on is only worth it where the end is near and the connection can be kept.
    const endIsFar = this.#announcedBytes > maxReadBodyBytes && this.#keptBytes === maxStoredBodyBytes;
    if (this.#readBytes > maxReadBodyBytes || endIsFar) this.#stop(this.#response(true));
  }

  onResponseEnd(): void {
    this.#settle(this.#response(this.#readBytes > this.#keptBytes));
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#fail(exchangeFailure(error));
  }

  #response(bodyTruncated: boolean): Captured {
    const [only, ...more] = this.#kept;
    const body = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#kept);
    return { status: this.#status, headers: this.#headers, body, bodyTruncated };
  }

  /** That a request which might not have been sent any more found no way is nobody's failure. */
  #fail(failure: EgressFailure): void {
    const isWithheld = !this.#settled && this.#controller === undefined && !this.#mayBegin();
    this.#settle(isWithheld ? WITHHELD : failure);
  }

  #stop(captured: Captured): void {
    if (this.#settled) return;
    this.#settle(captured);
    this.#controller?.abort(new Error('the response is of no more use'));
  }

  #settle(captured: Captured): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#onSettled(captured);
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
