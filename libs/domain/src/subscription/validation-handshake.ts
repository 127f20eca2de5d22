/** The type of the event that asks an endpoint whether it wants deliveries. */
export const HANDSHAKE_TYPE = 'hookstream.handshake';

/**
 * An endpoint is asked before it gets deliveries ("HTTP 1.1 Web Hooks for Event Delivery" of CloudEvents, §4).
 * `agreed` is left out until it has agreed.
 */
export interface ValidationHandshake {
  readonly agreed?: HandshakeAgreement;
}

export interface HandshakeAgreement {
  /** Which URL has agreed: it speaks for no other. */
  readonly url: string;
  /** The rate it allows, in requests per second; left out: any. */
  readonly perSecond?: number;
}

/** An endpoint's answer; `headers` by lower-case names. */
export interface HandshakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export type HandshakeJudgement =
  | { readonly ok: true; readonly perSecond?: number }
  /** `detail` tells what the endpoint has to answer instead. */
  | { readonly ok: false; readonly detail: string };

const SECONDS_PER_MINUTE = 60;

/**
 * Whether an endpoint agrees: a 2xx that names the origin, or any (§4.2).
 *
 * @param origin the DNS name that was asked for; case does not matter
 */
export function judgeHandshake({ status, headers }: HandshakeAnswer, origin: string): HandshakeJudgement {
  const mustAnswer = `it must answer 2xx with the header "WebHook-Allowed-Origin: ${origin}", or "*"`;
  if (status < 200 || status > 299) return refusal(`The endpoint answered OPTIONS with ${status}; ${mustAnswer}.`);
  const allowed = headers['webhook-allowed-origin']?.trim();
  if (!allowed) {
    return refusal(`The endpoint answered OPTIONS with ${status} without WebHook-Allowed-Origin; ${mustAnswer}.`);
  }
  if (allowed !== '*' && allowed.toLowerCase() !== origin.toLowerCase()) {
    return refusal(`The endpoint answered OPTIONS with ${status}, but allows another origin; ${mustAnswer}.`);
  }
  const rate = headers['webhook-allowed-rate']?.trim() ?? '*';
  if (rate === '*') return { ok: true };
  if (/^0*[1-9]\d{0,8}$/.test(rate)) return { ok: true, perSecond: Number(rate) / SECONDS_PER_MINUTE };
  return refusal(
    `The endpoint answered OPTIONS with ${status}, but its WebHook-Allowed-Rate cannot be read; it must be a whole number of requests per minute, at least 1, or "*".`,
  );
}

function refusal(detail: string): HandshakeJudgement {
  return { ok: false, detail };
}
