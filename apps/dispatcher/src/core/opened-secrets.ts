import type { SubscriptionDocument } from '@hookstream/contracts';
import type { OutboundRequest } from '@hookstream/egress';
import type { SubscriptionInForce } from '@hookstream/engine';
import { authorizationOf, type Authorization } from './endpoint-authorization.js';

type OutboundTls = NonNullable<OutboundRequest['tls']>;

/** What the secrets of endpoints open to, once for each version of the settings; gone with it. */
export class OpenedSecrets {
  private readonly authorizations = new WeakMap<SubscriptionDocument, Authorization>();
  private readonly identities = new WeakMap<SubscriptionDocument, OutboundTls>();

  /** Undefined where requests show only their signature. @throws Error when the secret cannot be opened */
  authorization(subscription: SubscriptionInForce): Authorization | undefined {
    const { document } = subscription;
    const { auth } = document.settings.endpoint;
    if (!auth) return undefined;
    const opened = this.authorizations.get(document) ?? authorizationOf(auth, subscription);
    this.authorizations.set(document, opened);
    return opened;
  }

  /** Undefined where the endpoint has no TLS settings of its own. @throws Error when the key cannot be opened */
  tls(subscription: SubscriptionInForce): OutboundTls | undefined {
    const { document, open } = subscription;
    const { tls } = document.settings.endpoint;
    if (!tls) return undefined;
    const known = this.identities.get(document);
    if (known) return known;
    const { ca, certificate, sealed } = tls;
    const settings = {
      ...(ca !== undefined && { ca }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(sealed !== undefined && { key: open(sealed).toString('utf8') }),
    };
    const opened = { owner: document.id, settings };
    this.identities.set(document, opened);
    return opened;
  }
}
