import { type Delivery, type DeliveryReport } from '@hookstream/contracts';
import { type DeliveryId, type SubscriptionId } from '@hookstream/domain';
import { type Caller } from '../caller.js';
import { type Propagation } from '../propagation.js';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { lacksHandshake } from '../subscriptions/handshake-fields.js';
import { type SubscriptionState } from '../subscriptions/subscription-state.js';
import { type CommandedChange } from '../subscriptions/subscriptions.js';
import { type OwedPings } from './owed-pings.js';
import { handshakeDelivery, pingDelivery } from './ping-delivery.js';

/** What dispatchers say became of deliveries. */
export interface OutcomeLog {
  /** Where each partition ends now. */
  ends(): Promise<ReadonlyMap<number, number>>;
  /** The report that ends a delivery, from an offset on; `undefined` when the signal ends the search first. */
  find(
    wanted: { readonly partition: number; readonly fromOffset: number } & PingAddress,
    signal: AbortSignal,
  ): Promise<DeliveryReport | undefined>;
}

export interface PingAddress {
  readonly subscription: SubscriptionId;
  readonly delivery: DeliveryId;
}

export interface SubscriptionTestsParts {
  readonly subscriptions: {
    find(caller: Caller, id: string): Promise<SubscriptionState | undefined>;
    /** Whosever it is. */
    findAny(id: string): Promise<SubscriptionState | undefined>;
    deactivateByDispatcher(change: CommandedChange): Promise<Outcome<unknown>>;
  };
  readonly outcomes: OutcomeLog;
  /** Resolves with the partition when Kafka has it. @throws TransientKafkaError */
  readonly write: (delivery: Delivery) => Promise<number>;
  readonly propagation: Propagation;
  readonly owed: OwedPings;
  /** A ping that was to be sent at an activation was not. */
  readonly onNotSent: (subscription: SubscriptionId, error: unknown) => void;
  /** A signal that is aborted after so many milliseconds, and when the service is to stop. */
  readonly abortAfter: (milliseconds: number) => AbortSignal;
  readonly topic: string;
  readonly nowMs: () => number;
}

/** What became of a test; `report` is left out where that was not known in time. */
export interface TestResult extends PingAddress {
  readonly report?: DeliveryReport;
  /** As it is afterwards. */
  readonly state: SubscriptionState;
}

type Sent = PingAddress & Pick<TestResult, 'report'>;

/** On top of the time a request may take: for Kafka, a dispatcher that has yet to read newer settings, and the report. */
const MARGIN_MS = 5_000;
/** Each reads a partition of `attempts` while it is under way. */
const MAX_UNDER_WAY = 50;
/** Longer than an activation's own request takes to send its ping, or to give it up. */
const OVERDUE_MS = 30_000;

/** Tests subscriptions: sends pings the way every delivery goes. */
export class SubscriptionTests {
  private readonly underWay = new Set<string>();

  constructor(private readonly parts: SubscriptionTestsParts) {}

  /** Sends a ping and waits for what becomes of it, at most the timeout of its endpoint and five seconds. */
  async test(caller: Caller, id: string): Promise<Outcome<TestResult>> {
    const state = await this.parts.subscriptions.find(caller, id);
    if (!state) return rejected({ kind: 'not-found' });
    if (!state.active && lacksHandshake(state.settings)) {
      const detail =
        'The endpoint has not agreed to get anything (endpoint.validationHandshake); activate the subscription.';
      return rejected({ kind: 'conflict', detail });
    }
    if (!state.active && !state.settings.test?.whileInactive) {
      const detail = 'The subscription is not active; activate it, or set test.whileInactive to test it nevertheless.';
      return rejected({ kind: 'conflict', detail });
    }
    return this.alone(id, async () => {
      const { report, ...address } = await this.sent(state, (nowMs) =>
        pingDelivery(state, 'asked-for', this.parts.topic, nowMs),
      );
      if (report) await this.follow(state, report);
      const after = (await this.parts.subscriptions.find(caller, id)) ?? state;
      return { ...address, ...(report && { report }), state: after };
    });
  }

  /**
   * Asks the endpoint of a subscription, active or not, whether an origin may send it deliveries, and waits for what it
   * answers like for that to a test; no report: that was not known in time.
   */
  async askForLeave(state: SubscriptionState, origin: string): Promise<Outcome<Sent>> {
    return this.alone(state.id, async () => {
      // Else a dispatcher that has not heard of this version would let it wait for a second.
      await this.parts.propagation.inForce();
      return this.sent(state, (nowMs) => handshakeDelivery(state, origin, this.parts.topic, nowMs));
    });
  }

  /** One test of a subscription at a time, and few at once. */
  private async alone<T>(id: string, run: () => Promise<T>): Promise<Outcome<T>> {
    if (this.underWay.has(id)) return busy('A test of this subscription is under way; wait for its answer.');
    if (this.underWay.size >= MAX_UNDER_WAY) return busy('Too many tests are under way; try again in a few seconds.');
    this.underWay.add(id);
    try {
      return accepted(await run());
    } finally {
      this.underWay.delete(id);
    }
  }

  /**
   * Sends a ping to each of some subscriptions that became active, once that is in force, and waits for nothing but Kafka.
   * They are active whether or not that goes well: none is given for those that got no ping.
   */
  async pingActivated(states: readonly SubscriptionState[]): Promise<ReadonlyMap<SubscriptionId, DeliveryId>> {
    const sent = new Map<SubscriptionId, DeliveryId>();
    if (states.length === 0) return sent;
    // Else dispatchers that have not heard of it would let the ping wait for a second; one that hears late still does.
    await this.parts.propagation.inForce();
    await Promise.all(
      states.map(async (state) => {
        const delivery = await this.pingOf(state);
        if (delivery !== undefined) sent.set(state.id, delivery);
      }),
    );
    return sent;
  }

  /** Somebody wants no ping at this activation, whatever the settings say. */
  async forgo({ id, activatedAt }: SubscriptionState): Promise<void> {
    await this.parts.owed.settle(id, activatedAt);
  }

  /** Sends the pings of activations whose request ended before it could: its process died, or Kafka was away. */
  async sendOwed(): Promise<void> {
    const { owed, subscriptions, nowMs } = this.parts;
    for (const id of await owed.overdue(new Date(nowMs() - OVERDUE_MS))) {
      const state = await subscriptions.findAny(id);
      // What is not active any more is owed nothing: the next activation has a ping of its own.
      if (!state?.active) await owed.settle(id, null);
      else if ((await this.pingOf(state)) === undefined) return;
    }
  }

  /** Undefined where Kafka did not take it: it is owed still. */
  private async pingOf(state: SubscriptionState): Promise<DeliveryId | undefined> {
    const { topic, nowMs, write, owed, onNotSent } = this.parts;
    const delivery = pingDelivery(state, 'activation', topic, nowMs());
    try {
      await write(delivery);
    } catch (error) {
      onNotSent(state.id, error);
      return undefined;
    }
    // Where this fails it is sent once more, and is the same delivery.
    await owed.settle(state.id, state.activatedAt).catch((error: unknown) => onNotSent(state.id, error));
    return delivery.id;
  }

  private async sent(state: SubscriptionState, made: (nowMs: number) => Delivery): Promise<Sent> {
    const { outcomes, write, abortAfter, nowMs } = this.parts;
    // Asked before it is written: the report cannot lie before that.
    const ends = await outcomes.ends();
    const delivery = made(nowMs());
    const partition = await write(delivery);
    const address = { subscription: state.id, delivery: delivery.id };
    const signal = abortAfter(state.settings.endpoint.timeoutMs + MARGIN_MS);
    const report = await outcomes.find({ ...address, partition, fromOffset: ends.get(partition) ?? 0 }, signal);
    return { ...address, ...(report && { report }) };
  }

  /**
   * The dispatcher asks for the same by a command, in case nobody waits here any more; this is only sooner, so that the
   * answer tells it.
   */
  private async follow(state: SubscriptionState, report: DeliveryReport): Promise<void> {
    if (report.kind !== 'attempt' || report.state === 'delivered' || !state.settings.test?.failureDeactivates) return;
    const { id: subscription } = state;
    const change = { subscription, reason: 'test-failed', expectedVersion: report.configVersion };
    await this.parts.subscriptions.deactivateByDispatcher(change);
  }
}

function busy(detail: string): Outcome<never> {
  return rejected({ kind: 'conflict', detail });
}
