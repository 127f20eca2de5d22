import {
  type HttpSenderOptions,
  type OutboundRequest,
  createAddressPolicy,
  createHttpSender,
  parseEgressAllow,
} from '../src/index.js';

/** A policy that allows what the setting says and nothing else outside the public Internet. */
export function policyAllowing(setting: string) {
  const parsed = parseEgressAllow(setting);
  if (!parsed.ok) throw new Error(parsed.message);
  return createAddressPolicy(parsed.allow);
}

export const senderAllowing = (setting: string, options: Partial<HttpSenderOptions> = {}) =>
  createHttpSender({ policy: policyAllowing(setting), ...options });

/** A resolver that gives the answers one after another, the last one for ever. */
export function answersInTurn(...answers: readonly (readonly string[])[]) {
  let asked = 0;
  return () => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
}

export const postTo = (url: string, over: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"a":1}'),
  timeoutMs: 1_000,
  ...over,
});
