import type { Command } from '@hookstream/contracts';
import type { FailingEndpoint, Verdict } from './judge-health.js';
import { judgeHealth } from './judge-health.js';
import { deactivationOf, warningOf, type Notice } from './notice.js';
import { mailOf, type Mail } from './notice-mail.js';
import type { WatchedSubscription } from './watched-subscription.js';

/** What a round decided of one endpoint: written together, or not at all. */
export interface Decision {
  readonly health: FailingEndpoint;
  readonly verdict: Exclude<Verdict, { readonly kind: 'nothing' }>;
  /** Left out: there is nothing to tell. */
  readonly notice?: Notice;
}

/** A notice and what of it has not been done. */
export interface OpenNotice extends Notice {
  /** Whether it is known to be so: a deactivation is told of when it is in force. */
  readonly confirmed: boolean;
  readonly eventPending: boolean;
  readonly mailPending: boolean;
  /** How often its e-mail was tried. */
  readonly mailTries: number;
}

/** What has been done of a notice, and when it comes up again; without a time it is closed. */
export type Progress = Pick<OpenNotice, 'confirmed' | 'eventPending' | 'mailPending'> & {
  readonly againAtMs: number | null;
};

export interface HealthStore {
  /**
   * Gives all failing endpoints to `decide` and writes what it decides, in one transaction and on one replica at a time;
   * does nothing where another is at it. A decision about what changed meanwhile is dropped.
   */
  decideAll(nowMs: number, decide: (health: FailingEndpoint) => Decision | undefined): Promise<void>;
  /** Open notices that are due, not to be claimed by anybody else before `untilMs`. */
  claim(nowMs: number, untilMs: number): Promise<readonly OpenNotice[]>;
  /** Counts a try before it is made: a crash in it is a try as well. */
  beginMail(id: string): Promise<void>;
  record(id: string, progress: Progress): Promise<void>;
  /** Forgets what is past keeping. */
  forgetOld(nowMs: number): Promise<void>;
}

type Fields = Readonly<Record<string, unknown>>;

export interface HealthWatchParts {
  readonly store: HealthStore;
  readonly subscriptions: { get(id: string): WatchedSubscription | undefined };
  /** Resolves when the broker has it. */
  readonly command: (command: Command) => Promise<void>;
  /** Produces the operational event of a notice; resolves when the broker has it. */
  readonly produce: (notice: Notice) => Promise<void>;
  /** Left out: no e-mails are sent. */
  readonly mail?: ((mail: Mail) => Promise<void>) | undefined;
  readonly logger: { info(text: string, fields: Fields): void; warn(text: string, fields: Fields): void };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Longer than all of a notice takes: a command, an event and an e-mail, each with its own limit. */
const CLAIM_MS = 120_000;
const CONFIRM_AGAIN_MS = 2_000;
const MINUTE_MS = 60_000;
/** Before the second, third, … try of an e-mail; after the last it is given up. */
const MAIL_DELAYS_MS = [1, 5, 30, 120, 360].map((minutes) => minutes * MINUTE_MS);

/**
 * Warns of endpoints that fail and deactivates those that fail too long. What is to be told is first written down, then
 * told, at least once: an event has the same id each time, so repeats of it are the same event.
 */
export class HealthWatch {
  constructor(private readonly parts: HealthWatchParts) {}

  /** @throws when the database is away: the next round begins where this one ended */
  async round(): Promise<void> {
    const { store, now } = this.parts;
    await store.decideAll(now(), (health) => this.decide(health));
    const nowMs = now();
    for (const notice of await store.claim(nowMs, nowMs + CLAIM_MS)) await this.pursue(notice);
    await store.forgetOld(nowMs);
  }

  private decide(health: FailingEndpoint): Decision | undefined {
    const nowMs = this.parts.now();
    const subscription = this.parts.subscriptions.get(health.subscription);
    const verdict = judgeHealth(health, subscription, nowMs);
    if (!subscription) return undefined;
    switch (verdict.kind) {
      case 'nothing':
        return undefined;
      case 'forget':
        return { health, verdict };
      case 'warn':
        return { health, verdict, notice: warningOf(health, subscription, verdict.stepMs, nowMs) };
      case 'deactivate':
        return { health, verdict, notice: deactivationOf(health, subscription, nowMs) };
    }
  }

  private async pursue(notice: OpenNotice): Promise<void> {
    try {
      const standing = notice.confirmed ? 'so' : await this.confirm(notice);
      if (standing === 'void') return await this.close(notice);
      if (standing === 'not-yet') return await this.again(notice, CONFIRM_AGAIN_MS);
      await this.tell({ ...notice, confirmed: true });
    } catch (error) {
      // It stays claimed for a while, and is then taken up again.
      this.parts.logger.warn('a notice of endpoint health waits', { ...about(notice), because: nameOf(error) });
    }
  }

  /** A deactivation acts on one version only, so to ask for it again is harmless. */
  private async confirm({ kind, facts, version }: OpenNotice): Promise<'so' | 'not-yet' | 'void'> {
    if (kind === 'failing') return 'so';
    const { subscription: id } = facts;
    const subscription = this.parts.subscriptions.get(id);
    if (subscription?.version === version + 1 && !subscription.active) return 'so';
    if (subscription?.version !== version || !subscription.active) return 'void';
    const asked = { subscription: id, reason: 'failing', expectedVersion: version, atMs: this.parts.now() };
    await this.parts.command({ kind: 'deactivate-subscription', ...asked });
    return 'not-yet';
  }

  private async tell(notice: OpenNotice): Promise<void> {
    let open = notice;
    if (open.eventPending) {
      await this.parts.produce(notice);
      open = { ...open, eventPending: false };
      this.parts.logger.info('told of endpoint health', about(notice));
    }
    if (!open.mailPending) return this.close(open);
    if (!this.parts.mail) return this.close(open);
    const delayMs = MAIL_DELAYS_MS[open.mailTries];
    const isSent = await this.send(open, this.parts.mail);
    if (!isSent && delayMs !== undefined) return this.again(open, delayMs);
    if (!isSent) this.parts.logger.warn('an e-mail about endpoint health is given up', about(notice));
    return this.close(open);
  }

  private async send(notice: OpenNotice, mail: (mail: Mail) => Promise<void>): Promise<boolean> {
    await this.parts.store.beginMail(notice.id);
    try {
      await mail(mailOf(notice));
      return true;
    } catch (error) {
      this.parts.logger.warn('an e-mail was not sent', { ...about(notice), because: nameOf(error) });
      return false;
    }
  }

  private again({ id, confirmed, eventPending, mailPending }: OpenNotice, delayMs: number): Promise<void> {
    const againAtMs = this.parts.now() + delayMs;
    return this.parts.store.record(id, { confirmed, eventPending, mailPending, againAtMs });
  }

  private close({ id, confirmed }: OpenNotice): Promise<void> {
    const done = { confirmed, eventPending: false, mailPending: false, againAtMs: null };
    return this.parts.store.record(id, done);
  }
}

function about({ id, kind, organization, facts }: Notice) {
  return { notice: id, kind, organization, subscription: facts.subscription };
}

/** Messages may quote what was sent, and to whom. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
