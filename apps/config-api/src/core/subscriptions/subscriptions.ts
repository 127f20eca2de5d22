import { type SecretBox, type Topics } from '@hookstream/contracts';
import { type HandshakeAgreement, newId, type OrganizationId, type SubscriptionId } from '@hookstream/domain';
import { type Caller, DISPATCHER } from '../caller.js';
import { type ConfigStore, type ExpectedVersions, type Page, type PageRequest } from '../config-store.js';
import { type OrganizationDirectory, organizationFor, scopeOfList } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, type Rejection, rejected } from '../outcome.js';
import { type SealedEndpoint, sealEndpoint, sealHydration } from './endpoint-credentials.js';
import { refusedEntityTopic } from './entity-topic-rule.js';
import { unfitScheme } from './signing-fields.js';
import { unfitBatch } from './batch-fields.js';
import { withAgreement } from './handshake-fields.js';
import { type SecretOwner, type SecretSealer, type SecretsMade } from './stored-secret.js';
import { type SubscriptionRequest } from './subscription-request.js';
import {
  activated,
  becameActive,
  deactivated,
  HANDSHAKE_FAILED,
  newSubscription,
  paused,
  replaced,
  resumed,
  type SubscriptionState,
} from './subscription-state.js';

export interface SubscriptionsParts {
  readonly store: ConfigStore<SubscriptionState>;
  readonly organizations: OrganizationDirectory;
  readonly sealer: SecretSealer;
  readonly secrets: Pick<SecretBox, 'seal' | 'open'>;
  /** An organization's policy for subscriptions whose request does not say. */
  readonly startsInactive: (organization: OrganizationId) => Promise<boolean>;
  readonly topics: Topics;
  readonly now: () => Date;
}

export interface WrittenSubscription {
  readonly state: SubscriptionState;
  /** It was not active before, if it was there at all. */
  readonly becameActive?: boolean;
  /** The signing secret this request made; there is no other moment to see it. */
  readonly secret?: string;
}

/** What the dispatcher asks of us. */
export interface CommandedChange {
  readonly subscription: SubscriptionId;
  readonly reason: string;
  readonly expectedVersion: number;
}

export class Subscriptions {
  constructor(private readonly parts: SubscriptionsParts) {}

  async create(caller: Caller, request: SubscriptionRequest): Promise<Outcome<WrittenSubscription>> {
    const unfit = unfitScheme(request) ?? unfitBatch(request);
    if (unfit) return rejected(unfit);
    const organization = await organizationFor(caller, request.organization, this.parts.organizations);
    if (!organization.ok) return organization;
    const owner = { id: newId('sub'), organization: organization.value };
    const { secret, stored: sealedSecrets } = this.secretsFor(request, owner);
    const sealed = this.endpointFor(request, owner);
    if (!sealed.ok) return sealed;
    const now = this.parts.now();
    const policyDecides = request.active === undefined && request.startInactive === undefined;
    const startInactive = policyDecides && (await this.parts.startsInactive(owner.organization));
    const made = newSubscription(request, {
      ...owner,
      sealedSecrets,
      sealedEndpoint: sealed.value,
      startInactive,
      now,
    });
    const refused = this.refused(caller, undefined, made);
    if (refused) return rejected(refused);
    const stored = await this.parts.store.insert(caller, made);
    if (!stored.ok) return stored;
    const state = stored.value;
    return accepted({ state, becameActive: state.active, ...(secret !== undefined && { secret }) });
  }

  /** What a request would make of a subscription, or a new one; the very same state where it changes nothing. */
  planned(
    organization: OrganizationId,
    request: SubscriptionRequest,
    present: SubscriptionState | undefined,
    startInactive: boolean,
  ): Outcome<WrittenSubscription> {
    const unfit = unfitScheme(request) ?? unfitBatch(request);
    if (unfit) return rejected(unfit);
    const now = this.parts.now();
    const owner = { id: present?.id ?? newId('sub'), organization };
    const { secret, stored: sealedSecrets } = this.secretsFor(request, owner, present);
    const sealed = this.endpointFor(request, owner, present);
    if (!sealed.ok) return sealed;
    const sealedEndpoint = sealed.value;
    const state = present
      ? replaced(present, request, sealedSecrets, sealedEndpoint, now)
      : newSubscription(request, { ...owner, sealedSecrets, sealedEndpoint, startInactive, now });
    return accepted({ state, ...(secret !== undefined && { secret }) });
  }

  /** Why a caller may not make such a change; @param before undefined for a new one */
  refused(caller: Caller, before: SubscriptionState | undefined, after: SubscriptionState): Rejection | undefined {
    return refusedEntityTopic(caller, before, after, this.parts.topics);
  }

  find(caller: Caller, id: string): Promise<SubscriptionState | undefined> {
    return this.parts.store.find(id, caller.organization);
  }

  /** Whosever it is: for what the service does by itself. */
  findAny(id: string): Promise<SubscriptionState | undefined> {
    return this.parts.store.find(id, null);
  }

  async list(
    caller: Caller,
    organization: string | undefined,
    page: PageRequest,
  ): Promise<Outcome<Page<SubscriptionState>>> {
    const scope = await scopeOfList(caller, organization, this.parts.organizations);
    return scope.ok ? accepted(await this.parts.store.list({ ...page, scope: scope.value })) : scope;
  }

  /** Replaces all settings. A secret that is given takes the place of the former ones at once. */
  async replace(
    caller: Caller,
    id: string,
    request: SubscriptionRequest,
    expected: ExpectedVersions,
  ): Promise<Outcome<WrittenSubscription>> {
    const unfit = unfitScheme(request) ?? unfitBatch(request);
    if (unfit) return rejected(unfit);
    let made: string | undefined;
    let before: SubscriptionState | undefined;
    const stored = await this.parts.store.change(caller, id, caller.organization, expected, (state) => {
      before = state;
      const { secret, stored: sealedSecrets } = this.secretsFor(request, state, state);
      made = secret;
      const sealed = this.endpointFor(request, state, state);
      if (!sealed.ok) return sealed;
      const next = replaced(state, request, sealedSecrets, sealed.value, this.parts.now());
      const refused = this.refused(caller, state, next);
      return refused ? rejected(refused) : accepted(next);
    });
    if (!stored.ok) return stored;
    const state = stored.value;
    const written = { state, becameActive: becameActive(before, state) };
    return accepted({ ...written, ...(made !== undefined && { secret: made }) });
  }

  /** @param agreed what its endpoint, asked by this very request, has agreed to: needed with `validationHandshake` */
  async activate(
    caller: Caller,
    id: string,
    expected: ExpectedVersions,
    agreed?: HandshakeAgreement,
  ): Promise<Outcome<WrittenSubscription>> {
    let before: SubscriptionState | undefined;
    const stored = await this.parts.store.change(caller, id, caller.organization, expected, (state) => {
      before = state;
      if (state.active) return accepted(state);
      if (!state.settings.endpoint.handshake) return accepted(this.next(activated(state, this.parts.now())));
      if (agreed) {
        const settings = withAgreement(state.settings, agreed);
        return accepted(this.next(activated({ ...state, settings }, this.parts.now())));
      }
      const detail = 'endpoint.validationHandshake was set meanwhile, and the endpoint was not asked; try again.';
      return rejected({ kind: 'conflict', detail });
    });
    if (!stored.ok) return stored;
    return accepted({ state: stored.value, becameActive: becameActive(before, stored.value) });
  }

  /** Its endpoint was asked and did not agree: that is why it stays inactive. A change made meanwhile wins. */
  handshakeFailed(caller: Caller, id: string, version: number): Promise<Outcome<SubscriptionState>> {
    return this.parts.store.change(caller, id, caller.organization, [version], (state) => {
      const isKnown = state.active || state.inactiveReason === HANDSHAKE_FAILED;
      return accepted(isKnown ? state : this.next({ ...state, inactiveReason: HANDSHAKE_FAILED }));
    });
  }

  deactivate(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<SubscriptionState>> {
    return this.parts.store.change(caller, id, caller.organization, expected, (state) =>
      accepted(state.active ? this.next(deactivated(state, this.parts.now())) : state),
    );
  }

  /** Deliveries wait from now on. */
  pause(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<SubscriptionState>> {
    return this.parts.store.change(caller, id, caller.organization, expected, (state) =>
      accepted(state.paused ? state : this.next(paused(state))),
    );
  }

  /** What has waited is delivered, whatever the endpoint was like before. */
  resume(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<SubscriptionState>> {
    return this.parts.store.change(caller, id, caller.organization, expected, (state) =>
      accepted(state.paused ? this.next(resumed(state, this.parts.now())) : state),
    );
  }

  remove(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<void>> {
    return this.parts.store.remove(caller, id, caller.organization, expected);
  }

  /** The dispatcher's wish; a change made since the version it saw wins, and the same wish twice is one. */
  async deactivateByDispatcher({ subscription, reason, expectedVersion }: CommandedChange): Promise<Outcome<unknown>> {
    return this.parts.store.change(DISPATCHER, subscription, null, [expectedVersion], (state) =>
      accepted(state.active ? this.next(deactivated(state, this.parts.now(), reason)) : state),
    );
  }

  /** The dispatcher's wish, as above: a delivery failed for good, and those behind it are to wait for somebody. */
  async pauseByDispatcher({ subscription, expectedVersion }: CommandedChange): Promise<Outcome<unknown>> {
    return this.parts.store.change(DISPATCHER, subscription, null, [expectedVersion], (state) =>
      accepted(state.paused ? state : this.next(paused(state))),
    );
  }

  private next(state: SubscriptionState): SubscriptionState {
    return { ...state, version: state.version + 1, updatedAt: this.parts.now() };
  }

  private endpointFor(
    request: SubscriptionRequest,
    { id, organization }: SecretOwner,
    present?: SubscriptionState,
  ): Outcome<SealedEndpoint> {
    const owner = { organization, subscription: id };
    const { secrets } = this.parts;
    const endpoint = sealEndpoint(secrets, owner, request.endpoint, present?.settings.endpoint);
    if (!endpoint.ok) return endpoint;
    const hydrate = sealHydration(secrets, owner, request.payload.hydrate, present?.settings.payload.hydrate);
    return hydrate.ok ? accepted({ ...endpoint.value, ...hydrate.value }) : hydrate;
  }

  private secretsFor({ signing }: SubscriptionRequest, owner: SecretOwner, present?: SubscriptionState): SecretsMade {
    return this.parts.sealer.forRequest(
      signing,
      owner,
      present && { scheme: present.settings.signing.scheme, stored: present.sealedSecrets },
    );
  }
}
