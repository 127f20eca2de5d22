import { setTimeout as delay } from 'node:timers/promises';
import { tellingTransientErrors } from '@hookstream/database';
import { type DataSource, type QueryRunner } from 'typeorm';
import { z } from 'zod';

export interface LeadershipParts {
  readonly dataSource: DataSource;
  /** What all replicas stand for. */
  readonly name: string;
  /** What the leader does, until the signal. Who cannot do it rejects: then another one may try. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  readonly onChange: (isLeader: boolean) => void;
  /** The database is away, or `lead` failed. */
  readonly onFailure: (error: unknown) => void;
  readonly timing?: LeadershipTiming;
}

export interface LeadershipTiming {
  /** How often one that does not lead asks. */
  readonly standbyMs: number;
  /** How often the leader shows that it lives. */
  readonly heartbeatMs: number;
  /** The server ends a leader that was not heard of for so long. At least 1 s. */
  readonly silenceMs: number;
}

const TIMING: LeadershipTiming = { standbyMs: 1_000, heartbeatMs: 2_000, silenceMs: 8_000 };
const LONGEST_BACKOFF_MS = 10_000;
const grantedSchema = z.tuple([z.object({ granted: z.boolean() })]);

/**
 * Lets one of several replicas do what only one has to do: whoever holds an advisory lock of PostgreSQL, in a session of
 * its own. The lock is free when that session ends: with the process, with its connection, and, as the server ends a session
 * it does not hear of, when the process was stopped or its machine is gone. One that was stopped and wakes may lead beside
 * its successor for a moment: what is done must bear that.
 */
export class Leadership {
  private readonly stopping = new AbortController();
  private standing: Promise<void> | undefined;
  private readonly timing: LeadershipTiming;

  constructor(private readonly parts: LeadershipParts) {
    this.timing = parts.timing ?? TIMING;
  }

  start(): void {
    this.standing ??= this.stand();
  }

  /** Lets another one lead. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.standing;
  }

  private async stand(): Promise<void> {
    const { signal } = this.stopping;
    let pauseMs = this.timing.standbyMs;
    while (!signal.aborted) {
      try {
        await this.tryToLead();
        pauseMs = this.timing.standbyMs;
      } catch (error) {
        this.parts.onFailure(error);
        // Longer than another one waits that may be able to.
        pauseMs = Math.min(2 * pauseMs, LONGEST_BACKOFF_MS);
      }
      // Only `close` ends the pause early, and the loop's condition sees it.
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tryToLead(): Promise<void> {
    const session = this.parts.dataSource.createQueryRunner();
    try {
      const granted: unknown = await tellingTransientErrors(() =>
        session.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS granted', [this.parts.name]),
      );
      if (!grantedSchema.parse(granted)[0].granted) return;
      await session.query(`SET idle_session_timeout = ${this.timing.silenceMs}`);
      await this.tenure(session);
    } finally {
      // A session that is gone has lost both already.
      await session.query('RESET idle_session_timeout').catch(() => undefined);
      await session.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
      await session.release().catch(() => undefined);
    }
  }

  private async tenure(session: QueryRunner): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.stopping.signal]);
    this.parts.onChange(true);
    const leading = this.parts.lead(signal).finally(() => over.abort());
    // Heard below, when the heartbeat has ended.
    leading.catch(() => undefined);
    try {
      while (!signal.aborted) {
        await tellingTransientErrors(() => session.query('SELECT 1'));
        await delay(this.timing.heartbeatMs, undefined, { signal }).catch(() => undefined);
      }
      await leading;
    } finally {
      over.abort();
      await leading.catch(() => undefined);
      this.parts.onChange(false);
    }
  }
}
