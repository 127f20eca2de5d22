import { isId } from '@hookstream/domain';
import { maySee, type Caller } from '../access/caller.js';
import { viewDeadLetter, viewWholeDeadLetter } from './dead-letter-view.js';
import { viewDelivery, viewDeliveryWithAttempts, withoutPastPlan } from './delivery-view.js';
import { withFirsts } from './batched-attempts.js';
import { renderWholeEvent, viewEvent } from './event-view.js';
import type { DeadLetterFilter, DeliveryFilter, EventFilter, LoggedAttempt, LogReader } from './log-reader.js';
import { viewPage, type PageRequest } from './page.js';

/** Deliveries shown within an event; the list of deliveries shows the others. */
const SHOWN_DELIVERIES = 100;

/** A filter names an organization that is not there, or not for this caller: the two are not told apart. */
export class UnknownOrganization extends Error {
  override readonly name = 'UnknownOrganization';
}

/** Answers what callers ask of the log, and nothing of what they may not see. `undefined`: not there, or not for them. */
export class LogSearch {
  constructor(
    private readonly log: LogReader,
    private readonly organizations: KnownOrganizations,
    /** Milliseconds since the epoch. */
    private readonly now: () => number,
  ) {}

  /** @throws UnknownOrganization */
  async deliveries(caller: Caller, filter: DeliveryFilter, page: PageRequest) {
    const nowMs = this.now();
    const found = await this.log.deliveries(scoped(this.organizations, caller, filter), page);
    return viewPage(found, (delivery) => viewDelivery(withoutPastPlan(delivery, nowMs)));
  }

  async delivery(caller: Caller, id: string) {
    const delivery = isId('dlv', id) ? await this.log.delivery(id) : undefined;
    if (!delivery || !maySee(caller, delivery.organization)) return undefined;
    const attempts = await this.whole(await this.log.attempts(delivery));
    const event = attempts.length > 0 ? await this.log.event(delivery.event.id) : undefined;
    return viewDeliveryWithAttempts(withoutPastPlan(delivery, this.now()), attempts, event);
  }

  /** Attempts with what was sent and answered, also those of which another delivery's attempt has it. */
  private async whole(attempts: readonly LoggedAttempt[]): Promise<readonly LoggedAttempt[]> {
    const apart = attempts.flatMap(({ request: { batch } }) => (batch && batch.entry > 0 ? [batch] : []));
    return apart.length === 0 ? attempts : withFirsts(attempts, await this.log.firstsOf(apart));
  }

  /** @throws UnknownOrganization */
  async events(caller: Caller, filter: EventFilter, page: PageRequest) {
    return viewPage(await this.log.events(scoped(this.organizations, caller, filter), page), viewEvent);
  }

  /** @returns JSON text: the data go as their producer wrote them */
  async event(caller: Caller, id: string): Promise<string | undefined> {
    const found = isId('evt', id) ? await this.log.event(id) : undefined;
    if (!found || !maySee(caller, found.event.organization)) return undefined;
    const [routing, matched, deliveries] = await Promise.all([
      this.log.routing(id),
      this.log.countDeliveries(id),
      this.log.deliveries({ event: id }, { limit: SHOWN_DELIVERIES }),
    ]);
    const nowMs = this.now();
    const planned = deliveries.entries.map((delivery) => withoutPastPlan(delivery, nowMs));
    return renderWholeEvent({ ...found, routing, matched, deliveries: planned });
  }

  /** @throws UnknownOrganization */
  async deadLetters(caller: Caller, filter: DeadLetterFilter, page: PageRequest) {
    return viewPage(await this.log.deadLetters(scoped(this.organizations, caller, filter), page), viewDeadLetter);
  }

  async deadLetter(caller: Caller, id: string) {
    const found = isId('dlt', id) ? await this.log.deadLetter(id) : undefined;
    if (!found || !maySee(caller, found.letter.organization)) return undefined;
    return viewWholeDeadLetter(found.letter, found.record);
  }
}

export interface KnownOrganizations {
  resolve(idOrExternalId: string): string | undefined;
}

/**
 * A bound caller's filter is its organization; a platform-wide one may name one.
 *
 * @throws UnknownOrganization
 */
export function scoped<Filter extends { readonly organization?: string | undefined }>(
  organizations: KnownOrganizations,
  caller: Caller,
  filter: Filter,
) {
  if (filter.organization === undefined) return { ...filter, organization: caller.organization ?? undefined };
  const organization = organizations.resolve(filter.organization);
  if (organization === undefined || !maySee(caller, organization)) throw new UnknownOrganization();
  return { ...filter, organization };
}
