import { type AttemptReport } from '@hookstream/contracts';
import { judgeHandshake, type HandshakeAgreement } from '@hookstream/domain';
import { type Caller } from '../caller.js';
import { type ExpectedVersions } from '../config-store.js';
import { type Outcome, rejected } from '../outcome.js';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';
import { type Subscriptions, type WrittenSubscription } from '../subscriptions/subscriptions.js';
import { type SubscriptionTests } from './subscription-tests.js';

export interface ActivationsParts {
  readonly subscriptions: Pick<Subscriptions, 'find' | 'activate' | 'handshakeFailed'>;
  readonly tests: Pick<SubscriptionTests, 'askForLeave'>;
  /** The DNS name that endpoints are asked to allow. */
  readonly origin: string;
}

/** Activates subscriptions, those with `endpoint.validationHandshake` once their endpoint has agreed. */
export class Activations {
  constructor(private readonly parts: ActivationsParts) {}

  /**
   * A change made while the endpoint was asked wins: what it has agreed to may be another thing by now. Whoever is killed
   * meanwhile leaves the subscription as it was, and the handshake in the log.
   */
  async activate(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<WrittenSubscription>> {
    const { subscriptions, tests, origin } = this.parts;
    const state = await subscriptions.find(caller, id);
    if (!state || state.active || !state.settings.endpoint.handshake)
      return subscriptions.activate(caller, id, expected);
    const currentVersion = state.version;
    if (expected && !expected.includes(currentVersion)) return rejected({ kind: 'version-mismatch', currentVersion });
    const asked = await tests.askForLeave(state, origin);
    if (!asked.ok) return asked;
    const { delivery, report } = asked.value;
    if (!report) {
      return conflict(
        `What the endpoint answers to the validation handshake was not known in time; look up ${delivery} in the log, or try again.`,
      );
    }
    if (report.kind === 'ending') {
      return conflict(`The endpoint was not asked (${report.reason ?? report.state}, see ${delivery}); try again.`);
    }
    const agreed = agreementOf(report, state, origin);
    if (typeof agreed === 'string') {
      await subscriptions.handshakeFailed(caller, id, currentVersion);
      return conflict(`${agreed} It was asked by ${delivery}.`);
    }
    const activated = await subscriptions.activate(caller, id, [currentVersion], agreed);
    if (activated.ok || activated.rejection.kind !== 'version-mismatch') return activated;
    return conflict('The subscription was changed while its endpoint was asked; try again.');
  }
}

function conflict(detail: string): Outcome<never> {
  return rejected({ kind: 'conflict', detail });
}

/** Why there is none, as text. */
function agreementOf(
  { response, error }: AttemptReport,
  state: SubscriptionState,
  origin: string,
): HandshakeAgreement | string {
  if (!response) {
    const why = error ? `${error.class}: ${error.message}` : 'no response';
    return `The endpoint did not answer OPTIONS (${why}); it must be reachable and answer 2xx with WebHook-Allowed-Origin.`;
  }
  const judged = judgeHandshake(response, origin);
  if (!judged.ok) return judged.detail;
  const { perSecond } = judged;
  // The URL of the version that was asked about: no other is activated by this.
  return { url: state.settings.endpoint.url, ...(perSecond !== undefined && { perSecond }) };
}
