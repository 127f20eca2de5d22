import { join } from 'node:path';
import { Journal, readJournal } from './journal.js';

/** An event that Kafka, or the API, has acknowledged. */
interface Produced {
  readonly n: number;
  readonly atMs: number;
}

/** A request that came to a receiver. */
export interface Arrival {
  readonly receiver: string;
  readonly n: number;
  readonly delivery: string;
  readonly atMs: number;
  /** As answered; 0: cut or never answered. */
  readonly status: number;
}

/** What is expected of a subscription. */
export interface Expectation {
  readonly subscription: string;
  readonly receiver: string;
  /** Every n-th event matches it (1: all); `routed`: whatever the router says it has matched. */
  readonly every: number | 'routed';
  /** Its receiver accepts at the latest the second time, soon after the first: it tells how long a fault delays. */
  readonly prompt: boolean;
  /** States in which its deliveries may end. */
  readonly ends: readonly string[];
}

/** Something that was done to the system. */
export interface Fault {
  readonly what: string;
  readonly service: string;
  readonly atMs: number;
  /** When whoever was taken away was begun again. */
  readonly againAtMs?: number;
  /** Requests may be under way at it whose report is never written. */
  readonly cutsRequests: boolean;
}

/** A delivery as the log shows it in the end. */
export interface Logged {
  readonly subscription: string;
  readonly delivery: string;
  readonly n: number;
  readonly state: string;
  readonly reason: string | null;
}

/** A report in `attempts`. `attempt` is undefined where a run ended without a request. */
interface Reported {
  readonly subscription: string;
  readonly delivery: string;
  readonly attempt?: string;
  readonly atMs: number;
}

/** What the router says to have matched. */
interface Routed {
  readonly subscription: string;
  readonly n: number;
}

/** From then on, until `untilMs`, no attempt may start for it. */
interface Silence {
  readonly subscription: string;
  readonly fromMs: number;
  readonly untilMs?: number;
}

interface Kinds {
  readonly produced: Produced;
  readonly arrivals: Arrival;
  readonly expectations: Expectation;
  readonly faults: Fault;
  readonly logged: Logged;
  readonly reported: Reported;
  readonly routed: Routed;
  readonly silences: Silence;
}

const KINDS = [
  'produced',
  'arrivals',
  'expectations',
  'faults',
  'logged',
  'reported',
  'routed',
  'silences',
] as const satisfies readonly (keyof Kinds)[];

/** All that was written down in a run, read back from its files. */
export type Books = { readonly [Kind in keyof Kinds]: readonly Kinds[Kind][] };

/** The journals of one run, each a file of one folder. */
export class BookKeeper {
  private readonly journals: { readonly [Kind in keyof Kinds]: Journal<Kinds[Kind]> };

  constructor(readonly folder: string) {
    const journal = <Kind extends keyof Kinds>(kind: Kind) => new Journal<Kinds[Kind]>(fileOf(folder, kind));
    this.journals = {
      produced: journal('produced'),
      arrivals: journal('arrivals'),
      expectations: journal('expectations'),
      faults: journal('faults'),
      logged: journal('logged'),
      reported: journal('reported'),
      routed: journal('routed'),
      silences: journal('silences'),
    };
  }

  write<Kind extends keyof Kinds>(kind: Kind, entry: Kinds[Kind]): void {
    this.journals[kind].write(entry);
  }

  async close(): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.journals[kind].close()));
  }
}

export function readBooks(folder: string): Books {
  const read = <Kind extends keyof Kinds>(kind: Kind) => readJournal<Kinds[Kind]>(fileOf(folder, kind));
  return {
    produced: read('produced'),
    arrivals: read('arrivals'),
    expectations: read('expectations'),
    faults: read('faults'),
    logged: read('logged'),
    reported: read('reported'),
    routed: read('routed'),
    silences: read('silences'),
  };
}

function fileOf(folder: string, kind: keyof Kinds): string {
  return join(folder, `${kind}.ndjson`);
}
