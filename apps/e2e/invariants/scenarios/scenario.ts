import type { LocalKafka, LocalPostgres } from '@hookstream/testing';
import type { Books } from '../../support/books/books.js';
import type { Stage } from '../../support/stage.js';

export interface OwnBackends {
  readonly kafka: LocalKafka;
  readonly postgres: LocalPostgres;
}

export interface Scenario {
  readonly name: string;
  /** A claim. */
  readonly title: string;
  /** At least so many; as many more as its faults take time. */
  readonly events: number;
  readonly perSecond: number;
  /** A Kafka and a PostgreSQL that it may take away. */
  readonly needs: 'test backends' | 'own backends';
  /** Casts receivers, then does its harm while the load goes on. */
  play(stage: Stage, backends: OwnBackends | undefined): Promise<void>;
  /** What it promises beyond what every scenario does. */
  readonly problems?: (books: Books) => string[];
}

/** A receiver that always accepts, and one that refuses some of its share once, in a way that does not slow its lane down. */
export async function castUsual(stage: Stage): Promise<void> {
  await stage.cast({ receiver: 'steady', every: 1, prompt: true });
  await stage.cast({
    receiver: 'picky',
    every: 10,
    prompt: true,
    answer: ({ n, before }) => ({ status: before === 0 && n % 70 === 0 ? 404 : 200 }),
  });
}
