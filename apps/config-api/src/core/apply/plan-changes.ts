import { newId, type OrganizationId } from '@hookstream/domain';
import { newEventType, replacedEventType, type EventTypeState } from '../event-types/event-type-state.js';
import { accepted, type Outcome, type Rejection, rejected } from '../outcome.js';
import { type WrittenSubscription } from '../subscriptions/subscriptions.js';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';
import { type AppliedSubscription, type ApplyDocument } from './apply-document.js';
import { type Change, type Plan, type Present } from './changes.js';

interface PlanRequest {
  readonly organization: OrganizationId;
  readonly document: ApplyDocument;
  /** Whether what the document does not name is deleted. */
  readonly prune: boolean;
}

export interface PlanParts {
  /** A subscription as a request makes it of what is there: the very same object where it changes nothing. */
  readonly subscription: (
    organization: OrganizationId,
    request: AppliedSubscription,
    present: SubscriptionState | undefined,
    startInactive: boolean,
  ) => Outcome<WrittenSubscription>;
  readonly now: () => Date;
  /** Lets other work run. */
  readonly yieldToOthers: () => Promise<void>;
}

const BETWEEN_YIELDS = 200;

/** What has to change for the configuration to be as a document says. */
export async function planChanges(
  { organization, document, prune }: PlanRequest,
  present: Present,
  parts: PlanParts,
): Promise<Outcome<Plan>> {
  const eventTypes: Change<EventTypeState>[] = [];
  const subscriptions: Change<SubscriptionState>[] = [];
  const secrets = new Map<string, string>();
  const kept = new Set<string>();
  let unchanged = 0;

  const types = new Map(present.eventTypes.map((state) => [state.name, state]));
  const named = new Set<string>();
  for (const [index, request] of (document.eventTypes ?? []).entries()) {
    if (named.has(request.name)) return twice(`/eventTypes/${index}/name`);
    named.add(request.name);
    const before = types.get(request.name);
    const now = parts.now();
    const after = before
      ? replacedEventType(before, request, now)
      : newEventType(request, { id: newId('typ'), organization }, now);
    kept.add(after.id);
    if (before === after) unchanged += 1;
    else eventTypes.push(before ? { action: 'update', before, after } : { action: 'create', after });
  }

  const known = new KnownSubscriptions(present.subscriptions);
  for (const [index, request] of (document.subscriptions ?? []).entries()) {
    if (index % BETWEEN_YIELDS === BETWEEN_YIELDS - 1) await parts.yieldToOthers();
    const found = known.find(request);
    if (!found.ok)
      return rejected({ kind: 'field', pointer: `/subscriptions/${index}${found.at}`, message: found.message });
    const before = found.state;
    if (before ? kept.has(before.id) : !known.isFirst(request.name)) return twice(`/subscriptions/${index}/name`);
    const planned = parts.subscription(organization, request, before, present.startInactive);
    if (!planned.ok) return within(`/subscriptions/${index}`, planned.rejection);
    const { state: after, secret } = planned.value;
    kept.add(after.id);
    if (secret !== undefined && request.signing.secret === undefined) secrets.set(after.id, secret);
    if (before === after) unchanged += 1;
    else subscriptions.push(before ? { action: 'update', before, after } : { action: 'create', after });
  }

  if (prune) {
    const gone = <State extends { readonly id: string }>(states: readonly State[]): Change<State>[] =>
      states.filter(({ id }) => !kept.has(id)).map((before) => ({ action: 'delete', before }));
    if (document.eventTypes) eventTypes.push(...gone(present.eventTypes));
    if (document.subscriptions) subscriptions.push(...gone(present.subscriptions));
  }
  return accepted({ eventTypes, subscriptions, secrets, unchanged });
}

type Found =
  | { readonly ok: true; readonly state: SubscriptionState | undefined }
  | { readonly ok: false; readonly at: string; readonly message: string };

class KnownSubscriptions {
  private readonly byId: ReadonlyMap<string, SubscriptionState>;
  private readonly byName = new Map<string, SubscriptionState[]>();
  private readonly made = new Set<string>();

  constructor(states: readonly SubscriptionState[]) {
    this.byId = new Map(states.map((state) => [state.id, state]));
    for (const state of states) {
      const same = this.byName.get(state.name);
      if (same) same.push(state);
      else this.byName.set(state.name, [state]);
    }
  }

  find({ id, name }: AppliedSubscription): Found {
    if (id !== undefined) {
      const state = this.byId.get(id);
      return state
        ? { ok: true, state }
        : { ok: false, at: '/id', message: 'there is no such subscription; leave the id out to make one' };
    }
    const same = this.byName.get(name) ?? [];
    if (same.length < 2) return { ok: true, state: same[0] };
    const ids = same.slice(0, 3).map((state) => state.id);
    return { ok: false, at: '/id', message: `must say which: ${same.length} have this name, ${ids.join(', ')} …` };
  }

  /** Whether no new subscription of this name was seen before. */
  isFirst(name: string): boolean {
    if (this.made.has(name)) return false;
    this.made.add(name);
    return true;
  }
}

/** A field of one of its parts, as the whole document has it. */
function within(pointer: string, rejection: Rejection): { readonly ok: false; readonly rejection: Rejection } {
  return rejected(rejection.kind === 'field' ? { ...rejection, pointer: `${pointer}${rejection.pointer}` } : rejection);
}

function twice(pointer: string): { readonly ok: false; readonly rejection: Rejection } {
  return rejected({ kind: 'field', pointer, message: 'is named twice in the document' });
}
