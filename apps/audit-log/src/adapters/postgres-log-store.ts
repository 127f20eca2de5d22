import { inTransaction } from '@hookstream/database';
import type { DataSource } from 'typeorm';
import { dayOf, type Day } from '../core/day.js';
import type { LogRows } from '../core/ingest/log-rows.js';
import type { LogStore } from '../core/ingest/write-units.js';
import { isMissingPartition, refusalOf } from './database-refusal.js';
import { attemptInsert, deadLetterInsert, deliveryInsert, eventInsert, routingInsert } from './insert-shapes.js';
import { addOutcomes } from './health-rows.js';
import { MultiRowInsert } from './multi-row-insert.js';
import type { Partitions } from './partitions.js';
import { Placements } from './placements.js';

const insertEvents = new MultiRowInsert(eventInsert);
const insertRoutings = new MultiRowInsert(routingInsert);
const insertDeliveries = new MultiRowInsert(deliveryInsert);
const insertAttempts = new MultiRowInsert(attemptInsert);
const insertDeadLetters = new MultiRowInsert(deadLetterInsert);

/** The log in day-partitioned tables. Everything about an event lies in its event's day: see docs/adr/0006. */
export class PostgresLogStore implements LogStore {
  private readonly placements = new Placements();

  constructor(
    private readonly dataSource: DataSource,
    private readonly partitions: Partitions,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async write(rows: LogRows): Promise<void> {
    try {
      await this.writeOnce(rows);
    } catch (error) {
      if (!isMissingPartition(error)) throw refusalOf(error) ?? error;
      this.partitions.forget();
      await this.writeOnce(rows);
    }
  }

  /** Tables in one order and rows sorted by id: writers never wait for each other in a circle. */
  private async writeOnce(rows: LogRows): Promise<void> {
    const nowMs = this.nowMs();
    const placedIn = await inTransaction(this.dataSource, async (manager) => {
      const { days, fresh } = await this.placements.place(manager, idsOf(rows), dayOf(nowMs));
      await this.partitions.ensure(days.values());
      const placed = <Row>(list: readonly Row[], idOf: (row: Row) => string) =>
        list.map((row) => ({ row, day: dayIn(days, idOf(row)), receivedAtMs: nowMs }));

      const events = placed(rows.events, (row) => row.attributes.id);
      const isFresh = ({ row }: (typeof events)[number]) => fresh.has(row.attributes.id);
      await insertEvents.add(manager, events.filter(isFresh));
      await insertEvents.merge(
        manager,
        events.filter((event) => !isFresh(event)),
      );
      await insertRoutings.merge(
        manager,
        placed(rows.routings, (row) => row.event),
      );
      await insertDeliveries.merge(
        manager,
        placed(rows.deliveries, (row) => row.event.id),
      );
      await insertAttempts.merge(
        manager,
        placed(rows.attempts, (row) => row.event),
      );
      await insertDeadLetters.merge(
        manager,
        placed(rows.deadLetters, (row) => row.id),
      );
      await addOutcomes(manager, rows.outcomes);
      return days;
    });
    this.placements.remember(placedIn);
  }
}

function idsOf(rows: LogRows): string[] {
  const ids = new Set<string>();
  for (const { attributes } of rows.events) ids.add(attributes.id);
  for (const { event } of rows.routings) ids.add(event);
  for (const { event } of rows.deliveries) ids.add(event.id);
  for (const { event } of rows.attempts) ids.add(event);
  for (const { id } of rows.deadLetters) ids.add(id);
  return [...ids].sort();
}

function dayIn(days: ReadonlyMap<string, Day>, id: string): Day {
  const day = days.get(id);
  if (day === undefined) throw new Error(`${id} was given no day`);
  return day;
}
