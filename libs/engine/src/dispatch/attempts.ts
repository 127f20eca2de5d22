import type { Delivery } from '@hookstream/contracts';
import type { AttemptId, DeliveryId, PayloadFormat } from '@hookstream/domain';
import type { SubscriptionInForce } from './subscription-table.js';

/** What the log tells of a request. */
export interface AttemptRequest {
  readonly url: URL | string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How its body is made of the event; JSON where it is left out. */
  readonly format?: PayloadFormat;
  /** Where the event alone does not make it again. */
  readonly body?: Buffer;
  /** `body` is only the beginning. */
  readonly bodyTruncated?: true;
  /** Where several deliveries went in it. */
  readonly batch?: BatchPlace;
}

/** The place of a delivery in a request with several. What was sent and answered is told by the attempt of the first. */
interface BatchPlace {
  /** The first one, whose id is the request's `webhook-id`, and its attempt. */
  readonly delivery: DeliveryId;
  readonly attempt: AttemptId;
  /** From 0. */
  readonly entry: number;
  readonly entries: number;
}

/** The endpoint has answered, whatever it said. */
export interface AttemptResponse {
  readonly kind: 'response';
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly bodyTruncated: boolean;
  readonly durationMs: number;
}

/** There is no answer. `class` names the cause in one word; `timeout` is the one that tells of too much work there. */
export interface AttemptFailure {
  readonly kind: 'failure';
  readonly class: string;
  readonly message: string;
  readonly durationMs: number;
  /** What has to be done before the endpoint is asked has failed: it tells nothing of the endpoint. */
  readonly notAsked?: true;
}

export type AttemptOutcome = AttemptResponse | AttemptFailure;

/** Nothing was sent, because it might not be any more when everything else was ready: no attempt was made. */
export interface AttemptWithheld {
  readonly kind: 'withheld';
}

/** What the request is made of cannot be had now, which tells nothing of the endpoint: no attempt is made yet. */
export interface NotYet {
  readonly ok: false;
  readonly notBeforeMs: number;
  readonly detail: string;
}

export type PreparedAttempt =
  | {
      readonly ok: true;
      readonly request: AttemptRequest;
      /**
       * To be called once. Rejects for a defect of ours only: whatever the endpoint or the network does is data.
       *
       * @param mayBegin to be asked right before the first byte is written, with nothing awaited in between: this process
       *   may have been stopped since it decided to send
       */
      readonly send: (mayBegin: () => boolean) => Promise<AttemptOutcome | AttemptWithheld>;
    }
  | NotYet
  /**
   * No request can be made of this event, and no later attempt could do better. Of several, `member` is the one that is to
   * blame, from 0, where it is one.
   */
  | { readonly ok: false; readonly reason: string; readonly detail: string; readonly member?: number };

/** Makes the requests. */
export interface AttemptMaker {
  /**
   * The request of one attempt by the settings in force, rendered and signed; nothing is sent yet. A promise only where it takes
   * work of others.
   *
   * @param others deliveries of the same subscription that go in the same request, behind it
   * @throws for a defect of ours
   */
  prepare(
    delivery: Delivery,
    subscription: SubscriptionInForce,
    nowMs: number,
    others?: readonly Delivery[],
  ): PreparedAttempt | Promise<PreparedAttempt>;
}
