import type { AttemptRow, DeadLetterRow, DeliveryRow, EventRow, LogRows, RoutingRow } from './log-rows.js';
import { compareStandings, newestOfEachRun } from './standing.js';

/**
 * The rows of several records as one: each id once, and sorted by id, so that two writers take their locks in one order
 * and never wait for each other in a circle.
 */
export function mergeRows(list: readonly LogRows[]): LogRows {
  return {
    events: merged(list, 'events', (row) => row.attributes.id, earlierOccurrence),
    routings: merged(list, 'routings', (row) => row.event, laterRouting),
    deliveries: merged(list, 'deliveries', (row) => row.id, mergeDeliveries),
    attempts: merged(list, 'attempts', (row) => row.id, betterAttempt),
    deadLetters: merged(list, 'deadLetters', (row) => row.id, earlierLetter),
    outcomes: list.flatMap(({ outcomes }) => outcomes),
  };
}

/** The occurrence that Kafka took first is the event; the same id again is the same event. */
function earlierOccurrence(a: EventRow, b: EventRow): EventRow {
  const { topic: topicA, partition: partitionA, offset: offsetA } = a.attributes.origin;
  const { topic: topicB, partition: partitionB, offset: offsetB } = b.attributes.origin;
  const difference =
    a.recordTimestampMs - b.recordTimestampMs ||
    (topicA < topicB ? -1 : topicA > topicB ? 1 : 0) ||
    partitionA - partitionB ||
    offsetA - offsetB;
  return difference <= 0 ? a : b;
}

function laterRouting(a: RoutingRow, b: RoutingRow): RoutingRow {
  return b.routedAtMs > a.routedAtMs ? b : a;
}

function mergeDeliveries(a: DeliveryRow, b: DeliveryRow): DeliveryRow {
  const first = b.createdAtMs < a.createdAtMs ? b : a;
  return {
    ...first,
    attempts: Math.max(a.attempts, b.attempts),
    ...mergeStandings(a, b),
  };
}

function mergeStandings(a: DeliveryRow, b: DeliveryRow): Pick<DeliveryRow, 'standing' | 'earlier'> {
  const standing = compareStandings(a.standing, b.standing) >= 0 ? a.standing : b.standing;
  if (a.standing.run === b.standing.run && !a.earlier && !b.earlier) return { standing };
  const all = newestOfEachRun([a.standing, b.standing, ...(a.earlier ?? []), ...(b.earlier ?? [])]);
  return { standing, earlier: all.filter(({ run }) => run !== standing.run) };
}

/** A repeat of an attempt after a crash has the same id: success is kept before failure, then the first. */
function betterAttempt(a: AttemptRow, b: AttemptRow): AttemptRow {
  if (a.outcome !== b.outcome) return a.outcome === 'success' ? a : b;
  return b.startedAtMs < a.startedAtMs ? b : a;
}

function earlierLetter(a: DeadLetterRow, b: DeadLetterRow): DeadLetterRow {
  return b.letter.atMs < a.letter.atMs ? b : a;
}

function merged<K extends Exclude<keyof LogRows, 'outcomes'>>(
  list: readonly LogRows[],
  kind: K,
  idOf: (row: LogRows[K][number]) => string,
  mergeTwo: (a: LogRows[K][number], b: LogRows[K][number]) => LogRows[K][number],
): LogRows[K][number][] {
  const byId = new Map<string, LogRows[K][number]>();
  for (const rows of list) {
    for (const row of rows[kind]) {
      const id = idOf(row);
      const known = byId.get(id);
      byId.set(id, known ? mergeTwo(known, row) : row);
    }
  }
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
