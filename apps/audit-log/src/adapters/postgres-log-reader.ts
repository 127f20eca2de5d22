import { tellingTransientErrors } from '@hookstream/database';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type {
  DeadLetterFilter,
  DeliveryFilter,
  EventFilter,
  LoggedAttempt,
  LoggedDeadLetter,
  LoggedDelivery,
  LoggedEvent,
  LogReader,
} from '../core/read/log-reader.js';
import { pageOf, type Page, type PageRequest } from '../core/read/page.js';
import { Conditions } from './conditions.js';
import {
  attemptRow,
  DEAD_LETTER_COLUMNS,
  deadLetterRow,
  DELIVERY_COLUMNS,
  deliveryRow,
  EVENT_COLUMNS,
  eventRow,
  routingRow,
  wholeDeadLetterRow,
  wholeEventRow,
} from './log-row-schemas.js';
import { parseRows } from './result-rows.js';

/** Where an id is known, its day is too: one partition is read instead of all. */
const DAY_OF = (id: string) => `day = (SELECT day FROM placements WHERE placements.id = ${id})`;
/** Told apart in the index by their beginnings only, see the migration. */
const IS_TEXT = (column: string) => `left(${column}, 128) = left(?, 128) AND ${column} = ?`;

const ATTEMPT_COLUMNS = `id, run, number, started_at, duration_ms, outcome, request, response_status,
  response_headers, response_body, response_body_truncated, error`;

const countRow = z.object({ count: z.number() });

export class PostgresLogReader implements LogReader {
  constructor(private readonly dataSource: Pick<DataSource, 'query'>) {}

  deliveries(filter: DeliveryFilter, page: PageRequest): Promise<Page<LoggedDelivery>> {
    const conditions = new Conditions()
      .add('organization = ?', filter.organization)
      .add('subscription = ?', filter.subscription)
      .add(`event_id = ? AND ${DAY_OF('?')}`, filter.event)
      .add('event_type = ?', filter.eventType)
      .add('event_subject = ?', filter.subject)
      .add('state = ANY(?)', filter.states)
      .add('created_at >= ?', filter.createdAfter)
      .add('created_at < ?', filter.createdBefore);
    // Said in the words of the index on what was not delivered, so that it is used.
    if (filter.states?.includes('delivered') === false) conditions.always("state <> 'delivered'");
    const list = { table: 'deliveries', columns: DELIVERY_COLUMNS, time: 'created_at', row: deliveryRow };
    return this.page(list, conditions, page, ({ createdAt, id }) => ({ atMs: createdAt.getTime(), id }));
  }

  async delivery(id: string): Promise<LoggedDelivery | undefined> {
    const [found] = await this.query(deliveryRow, `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE id = $1`, [id]);
    return found;
  }

  attempts({ id, event }: Pick<LoggedDelivery, 'id' | 'event'>): Promise<LoggedAttempt[]> {
    return this.query(
      attemptRow,
      `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE delivery_id = $1 AND ${DAY_OF('$2')}
        ORDER BY number, started_at`,
      [id, event.id],
    );
  }

  firstsOf(batches: Parameters<LogReader['firstsOf']>[0]): Promise<LoggedAttempt[]> {
    return this.query(
      attemptRow,
      `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE delivery_id = ANY($1) AND id = ANY($2)`,
      [batches.map(({ delivery }) => delivery), batches.map(({ attempt }) => attempt)],
    );
  }

  events(filter: EventFilter, page: PageRequest): Promise<Page<LoggedEvent>> {
    const conditions = new Conditions()
      .add('organization = ?', filter.organization)
      .add('type = ?', filter.type)
      .add(IS_TEXT('subject'), filter.subject)
      .add(IS_TEXT('external_id'), filter.externalId);
    const list = { table: 'events', columns: EVENT_COLUMNS, time: 'received_at', row: eventRow };
    return this.page(list, conditions, page, ({ receivedAt, id }) => ({ atMs: receivedAt.getTime(), id }));
  }

  async event(id: string) {
    const [found] = await this.query(
      wholeEventRow,
      `SELECT ${EVENT_COLUMNS}, payload FROM events WHERE id = $1 AND ${DAY_OF('$1')}`,
      [id],
    );
    return found;
  }

  async routing(event: string) {
    const [found] = await this.query(
      routingRow,
      `SELECT routed_at, skipped, filter_errors FROM routings WHERE event_id = $1 AND ${DAY_OF('$1')}`,
      [event],
    );
    return found;
  }

  async countDeliveries(event: string): Promise<number> {
    const [found] = await this.query(
      countRow,
      `SELECT count(*)::integer AS count FROM deliveries WHERE event_id = $1 AND ${DAY_OF('$1')}`,
      [event],
    );
    return found?.count ?? 0;
  }

  deadLetters(filter: DeadLetterFilter, page: PageRequest): Promise<Page<LoggedDeadLetter>> {
    const conditions = new Conditions()
      .add('organization = ?', filter.organization)
      .add('stage = ?', filter.stage)
      .add('reason = ?', filter.reason);
    const list = { table: 'dead_letters', columns: DEAD_LETTER_COLUMNS, time: 'at', row: deadLetterRow };
    return this.page(list, conditions, page, ({ at, id }) => ({ atMs: at.getTime(), id }));
  }

  async deadLetter(id: string) {
    const [found] = await this.query(
      wholeDeadLetterRow,
      `SELECT ${DEAD_LETTER_COLUMNS}, record_key, record_headers, value
         FROM dead_letters WHERE id = $1 AND ${DAY_OF('$1')}`,
      [id],
    );
    return found;
  }

  private async page<S extends z.ZodType>(
    list: { readonly table: string; readonly columns: string; readonly time: string; readonly row: S },
    conditions: Conditions,
    request: PageRequest,
    cursorOf: (entry: z.output<S>) => { readonly atMs: number; readonly id: string },
  ): Promise<Page<z.output<S>>> {
    const { after, limit } = request;
    if (after) conditions.add(`(${list.time}, id) < (?, ${conditions.parameter(after.id)})`, new Date(after.atMs));
    const atMost = conditions.parameter(limit + 1);
    const sql = `SELECT ${list.columns} FROM ${list.table} ${conditions.where()}
      ORDER BY ${list.time} DESC, id DESC LIMIT ${atMost}`;
    return pageOf(await this.query(list.row, sql, conditions.parameters), request, cursorOf);
  }

  private async query<S extends z.ZodType>(row: S, sql: string, parameters: unknown[]): Promise<z.output<S>[]> {
    return parseRows(row, await tellingTransientErrors(() => this.dataSource.query<unknown>(sql, parameters)));
  }
}
