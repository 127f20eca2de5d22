import type { ConsumedRecord, Delivery } from '@hookstream/contracts';
import { attemptId } from '@hookstream/domain';
import type { Endpoints, StartedAttempt } from '../endpoints/endpoints.js';
import type {
  AttemptMaker,
  AttemptOutcome,
  AttemptRequest,
  AttemptWithheld,
  NotYet,
  PreparedAttempt,
} from './attempts.js';
import type { DispatchItem } from './dispatch-item.js';
import type { Effects } from './effects.js';
import { judgeOutcome, type Standing } from './judge-outcome.js';
import { AttemptNotBegun } from './attempt-not-begun.js';
import type { FinishedAttempt } from './reports.js';
import type { Member, Members } from './shared-attempt.js';
import type { SubscriptionInForce } from './subscription-table.js';

/** What is done for one attempt is done for one that several share. */
interface AttemptHands {
  readonly attempts: AttemptMaker;
  readonly now: () => number;
  readonly random: () => number;
  readonly begin: (item: DispatchItem) => ReturnType<Endpoints['beginPreparing']>;
  /** Settings by which something was prepared may be others meanwhile. */
  readonly isInForce: (subscription: SubscriptionInForce) => boolean;
  /** What has to be written where the request cannot be made yet. */
  readonly notYet: (delivery: Delivery, item: DispatchItem, why: NotYet) => Effects;
  /** Ends what was begun, whatever happens. */
  readonly send: (
    send: () => Promise<AttemptOutcome | AttemptWithheld>,
    item: DispatchItem,
    judge: (outcome: AttemptOutcome) => Standing,
    begun: StartedAttempt,
  ) => Promise<readonly [AttemptOutcome, Standing]>;
  readonly effectsOf: (finished: FinishedAttempt, standing: Standing) => Effects;
  readonly bury: (delivery: Delivery, record: ConsumedRecord, reason: string, detail: string) => Effects;
}

interface Composed {
  /** Those that are in the request. */
  readonly members: Members;
  readonly prepared: Extract<PreparedAttempt, { ok: true }>;
  readonly startedAtMs: number;
}

/**
 * One request for all members; what becomes of each is told to it. To the endpoint's limits and breaker it is one, about the
 * event of the first.
 */
export async function attemptTogether(all: Members, mayBegin: () => boolean, hands: AttemptHands): Promise<void> {
  const open = new Set<Member>(all);
  const settle = (member: Member, effects: Effects) => {
    open.delete(member);
    member.settle(effects);
  };
  const fail = (member: Member, error: unknown) => {
    open.delete(member);
    // Its record is what it was.
    if (error instanceof AttemptNotBegun) member.item.owner.handled.retract(member.delivery);
    member.fail(error);
  };
  try {
    await attempt(all, mayBegin, hands, settle, fail);
  } catch (error) {
    for (const member of open) fail(member, error);
  }
}

async function attempt(
  all: Members,
  mayBegin: () => boolean,
  hands: AttemptHands,
  settle: (member: Member, effects: Effects) => void,
  fail: (member: Member, error: unknown) => void,
): Promise<void> {
  const { now, random, effectsOf, bury } = hands;
  // Before anything is awaited: the lane has admitted no more than that.
  const begun = hands.begin(all[0].item);
  const composed = await composedOrAbandoned(begun, () =>
    compose(all, hands, {
      refuse: (member, reason, detail) => settle(member, bury(member.delivery, member.item.record, reason, detail)),
      putOff: (member) => fail(member, new AttemptNotBegun('it goes with others, another time')),
      notYet: (member, why) => settle(member, hands.notYet(member.delivery, member.item, why)),
    }),
  );
  if (!composed) return;
  begun.asks();
  const { members, prepared, startedAtMs } = composed;
  const [{ item: firstItem, delivery: first, subscription }] = members;
  const { document } = subscription;
  const judge = (delivery: Delivery, answer: AttemptOutcome) =>
    judgeOutcome(delivery, document, answer, { startedAtMs, endedAtMs: now() }, random());
  const [outcome, standingOfFirst] = await hands.send(
    () => prepared.send(mayBegin),
    firstItem,
    (answer) => judge(first, answer),
    begun,
  );
  for (const [entry, member] of members.entries()) {
    const { delivery, item } = member;
    const request = toldRequest(prepared.request, composed, entry);
    const told = {
      delivery,
      record: item.record,
      document,
      request,
      outcome: toldOutcome(outcome, entry),
      startedAtMs,
    };
    const standing = entry === 0 ? standingOfFirst : withoutCommand(judge(delivery, outcome));
    settle(member, effectsOf(told, standing));
  }
}

async function composedOrAbandoned(
  begun: StartedAttempt,
  composing: () => Promise<Composed | undefined>,
): Promise<Composed | undefined> {
  try {
    const composed = await composing();
    if (!composed) begun.abandon();
    return composed;
  } catch (error) {
    begun.abandon();
    throw error;
  }
}

interface LeftOut {
  /** No request can be made of this one. */
  readonly refuse: (member: Member, reason: string, detail: string) => void;
  /** This one goes another time. */
  readonly putOff: (member: Member) => void;
  readonly notYet: (member: Member, why: NotYet) => void;
}

/**
 * Prepares one request for as many of the members as it can: without those it cannot be made of, and with the first half where
 * it cannot be told which those are. Undefined where none is left.
 */
async function compose(
  all: Members,
  { attempts, now, isInForce }: Pick<AttemptHands, 'attempts' | 'now' | 'isInForce'>,
  { refuse, putOff, notYet }: LeftOut,
): Promise<Composed | undefined> {
  let members = all;
  for (;;) {
    const startedAtMs = now();
    const [first, ...others] = members;
    const deliveries = others.map(({ delivery }) => delivery);
    const prepared = await attempts.prepare(first.delivery, first.subscription, startedAtMs, deliveries);
    if (prepared.ok) {
      if (!isInForce(first.subscription)) throw new AttemptNotBegun('its settings have changed');
      return { members, prepared, startedAtMs };
    }
    if ('notBeforeMs' in prepared) {
      for (const member of members) notYet(member, prepared);
      return undefined;
    }
    const refused = others.length === 0 ? first : members[prepared.member ?? members.length];
    if (refused) refuse(refused, prepared.reason, prepared.detail);
    const half = Math.ceil(members.length / 2);
    const [next, ...rest] = refused ? members.filter((member) => member !== refused) : members.slice(0, half);
    if (!refused) for (const member of members.slice(half)) putOff(member);
    if (!next) return undefined;
    members = [next, ...rest];
  }
}

/** What is told of the request by its n-th member: what was sent is told once, by the first. */
function toldRequest(request: AttemptRequest, { members }: Composed, entry: number): AttemptRequest {
  const [{ delivery: first }] = members;
  const { body: _, bodyTruncated: __, ...common } = request;
  const attempt = attemptId(first.id, first.run, first.attempt);
  const batch = { delivery: first.id, attempt, entry, entries: members.length };
  return { ...(entry === 0 ? request : common), batch };
}

const NOTHING = Buffer.alloc(0);

/** What was answered too. */
function toldOutcome(outcome: AttemptOutcome, entry: number): AttemptOutcome {
  return entry === 0 || outcome.kind === 'failure' ? outcome : { ...outcome, body: NOTHING };
}

/** What is asked of the subscription is asked once, by the first. */
function withoutCommand({ command: _, ...standing }: Standing): Standing {
  return standing;
}
