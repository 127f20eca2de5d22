import { type SourceDocument, type SourceMapping, type Topics, sourceMappingSchema } from '@hookstream/contracts';
import { newId, type SourceId } from '@hookstream/domain';
import { z } from 'zod';
import { type Caller } from '../caller.js';
import { type ConfigStore, type ExpectedVersions, type Page, type PageRequest } from '../config-store.js';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { internalTopicProblem } from './internal-topics.js';
import { type SourceRequest, type StartFrom } from './source-request.js';

export interface SourceState {
  readonly id: SourceId;
  readonly version: number;
  readonly name: string;
  readonly topic: string;
  readonly mapping: SourceMapping;
  /** As it was asked for, a time in RFC 3339. */
  readonly startFrom: string;
  /** By partition. */
  readonly startOffsets: Readonly<Record<string, number>>;
  readonly createdAt: Date;
}

/** What the broker knows of a topic. */
export interface TopicCatalog {
  /** Names of all topics; `undefined` when that cannot be told soon. */
  existing(): Promise<ReadonlySet<string> | undefined>;
  /** The offset of the first record to read, by partition; empty for a topic that does not exist yet. */
  startOffsets(topic: string, startFrom: StartFrom): Promise<Readonly<Record<string, number>>>;
}

export const sourceView = z
  .object({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    topic: z.string(),
    startFrom: z.string(),
    startOffsets: z.record(z.string(), z.int()).meta({ description: 'First offset read, by partition.' }),
    mapping: sourceMappingSchema,
    status: z
      .enum(['ok', 'topic-missing', 'unknown'])
      .meta({ description: '`unknown`: Kafka did not answer in time.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Source' });

export type SourceStatus = z.infer<typeof sourceView>['status'];

export function viewSource(state: SourceState, status: SourceStatus): z.input<typeof sourceView> {
  return { ...state, status, startOffsets: { ...state.startOffsets }, createdAt: state.createdAt.toISOString() };
}

/** A source as the audit trail keeps it: its status is not part of it. */
export function auditedSource(state: SourceState): unknown {
  return { ...state, createdAt: state.createdAt.toISOString() };
}

export function sourceDocument({ id, version, topic, mapping, startOffsets }: SourceState): SourceDocument {
  return { kind: 'source', id, version, topic, mapping, startOffsets: { ...startOffsets } };
}

export interface SourcesParts {
  readonly store: ConfigStore<SourceState>;
  readonly catalog: TopicCatalog;
  readonly topics: Topics;
  readonly now: () => Date;
}

/** Which further topics are read, and how. For platform-wide keys only: a topic holds everyone's events. */
export class Sources {
  constructor(private readonly parts: SourcesParts) {}

  async create(caller: Caller, request: SourceRequest): Promise<Outcome<SourceState>> {
    if (caller.organization !== null) return onlyPlatformWide();
    const problem = this.topicProblem(request.topic);
    if (problem) return rejected({ kind: 'field', pointer: '/topic', message: problem });
    const { topic, mapping, startFrom } = request;
    return this.parts.store.insert(caller, {
      id: newId('src'),
      version: 1,
      name: request.name ?? topic,
      topic,
      mapping,
      startFrom: typeof startFrom === 'number' ? new Date(startFrom).toISOString() : startFrom,
      startOffsets: await this.parts.catalog.startOffsets(topic, startFrom),
      createdAt: this.parts.now(),
    });
  }

  async find(caller: Caller, id: string): Promise<SourceState | undefined> {
    return caller.organization === null ? this.parts.store.find(id, null) : undefined;
  }

  async list(caller: Caller, page: PageRequest): Promise<Outcome<Page<SourceState>>> {
    if (caller.organization !== null) return onlyPlatformWide();
    return accepted(await this.parts.store.list({ ...page, scope: null }));
  }

  async remove(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<void>> {
    return caller.organization === null
      ? this.parts.store.remove(caller, id, null, expected)
      : rejected({ kind: 'not-found' });
  }

  /** Tells of sources whether their topics are there now. */
  async statuses(): Promise<(state: SourceState) => SourceStatus> {
    const existing = await this.parts.catalog.existing();
    return ({ topic }) => (existing === undefined ? 'unknown' : existing.has(topic) ? 'ok' : 'topic-missing');
  }

  private topicProblem(topic: string): string | undefined {
    const { topics } = this.parts;
    if (topic === topics.events) return undefined;
    return internalTopicProblem(topics, topic);
  }
}

function onlyPlatformWide(): Outcome<never> {
  return rejected({ kind: 'forbidden', detail: 'Only a platform-wide key reads and writes sources.' });
}
