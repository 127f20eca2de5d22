import { type EventAttributes, eventIdFromProducer, type OrganizationId } from '@hookstream/domain';
import { explainMismatch, FilteredEvent } from '@hookstream/filters';
import { type Caller } from '../caller.js';
import { type OrganizationDirectory, organizationFor } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { type ExplainAnswer, type ExplainRequest, type GivenEvent } from './explain-request.js';
import { type SubscriptionState } from './subscription-state.js';
import { type Subscriptions } from './subscriptions.js';

/** An event as the log keeps it. */
export interface StoredEvent {
  readonly attributes: EventAttributes;
  readonly data: Buffer;
}

export interface EventLog {
  /** @param authorization the caller's own, which the log checks itself. @returns undefined for what the caller cannot see */
  find(id: string, authorization: string | undefined): Promise<StoredEvent | undefined>;
}

export interface ExplainerParts {
  readonly subscriptions: Pick<Subscriptions, 'list'>;
  readonly organizations: OrganizationDirectory;
  readonly events: EventLog;
  /** The default source of events. */
  readonly topic: string;
  readonly now: () => Date;
}

/** Tells which subscriptions want an event, and why the others do not; by the code that routers match with. */
export class Explainer {
  constructor(private readonly parts: ExplainerParts) {}

  async explain(
    caller: Caller,
    authorization: string | undefined,
    request: ExplainRequest,
  ): Promise<Outcome<ExplainAnswer>> {
    const found = await this.eventOf(caller, authorization, request);
    if (!found.ok) return found;
    const { attributes, data } = found.value;
    const { limit, cursor } = request;
    const listed = await this.parts.subscriptions.list(caller, attributes.organization, { limit, cursor });
    if (!listed.ok) return listed;
    const event = new FilteredEvent(attributes, data);
    const { items, nextCursor } = listed.value;
    return accepted({ data: items.map((state) => explanationOf(state, event)), nextCursor });
  }

  private async eventOf(
    caller: Caller,
    authorization: string | undefined,
    { event, eventId, organization }: ExplainRequest,
  ): Promise<Outcome<StoredEvent>> {
    if (event) {
      const owner = await organizationFor(caller, organization, this.parts.organizations);
      return owner.ok ? accepted(this.given(event, owner.value)) : owner;
    }
    const stored = eventId && (await this.parts.events.find(eventId, authorization));
    if (!stored) return rejected({ kind: 'field', pointer: '/eventId', message: 'there is no such event in the log' });
    return accepted(stored);
  }

  private given({ data, id = 'explained', time, ...event }: GivenEvent, organization: OrganizationId): StoredEvent {
    const { topic, now } = this.parts;
    const source = event.source ?? topic;
    const attributes: EventAttributes = {
      id: eventIdFromProducer(organization, source, id),
      externalId: id,
      organization,
      type: event.type,
      source,
      time: time ?? now().toISOString(),
      ...(event.subject !== undefined && { subject: event.subject }),
      ...(event.extensions && { extensions: event.extensions }),
      dataContentType: 'application/json',
      origin: { topic, partition: 0, offset: 0 },
    };
    return { attributes, data: Buffer.from(JSON.stringify(data ?? null)) };
  }
}

function explanationOf(state: SubscriptionState, event: FilteredEvent): ExplainAnswer['data'][number] {
  const { id, name, active, inactiveReason, paused, settings } = state;
  const failed = explainMismatch(settings, event);
  return {
    subscription: id,
    name,
    active,
    inactiveReason,
    paused,
    matches: failed === undefined,
    failed: failed ? { ...failed, values: { ...failed.values } } : null,
  };
}
