import { isDeepStrictEqual } from 'node:util';
import { type EventTypeDocument } from '@hookstream/contracts';
import { type EventTypeId, type OrganizationId } from '@hookstream/domain';
import { z } from 'zod';
import { type EventTypeRequest, textOf } from './event-type-request.js';

/** A schema that was in force once, or is. */
export interface SchemaVersion {
  readonly version: number;
  /** JSON text; `null`: none. */
  readonly schema: string | null;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** A declared event type as it is stored. */
export interface EventTypeState {
  readonly id: EventTypeId;
  readonly version: number;
  /** `null`: for all organizations. */
  readonly organization: OrganizationId | null;
  readonly name: string;
  readonly group: string;
  readonly description: string;
  /** JSON text; `null`: none. */
  readonly example: string | null;
  /** Newest first; the first is in force. */
  readonly schemas: readonly SchemaVersion[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const MAX_KEPT_SCHEMAS = 10;
const MAX_KEPT_BYTES = 131_072;

export function newEventType(
  request: EventTypeRequest,
  given: Pick<EventTypeState, 'id' | 'organization'>,
  now: Date,
): EventTypeState {
  const schemas = [{ version: 1, schema: textOf(request.schema), createdAt: now.toISOString() }];
  return { ...given, version: 1, ...requested(request), schemas, createdAt: now, updatedAt: now };
}

/** The next version after a request replaced all of it; the same object where it changes nothing. */
export function replacedEventType(state: EventTypeState, request: EventTypeRequest, now: Date): EventTypeState {
  const wanted = textOf(request.schema);
  const schemas = isSameJson(wanted, schemaOf(state)) ? state.schemas : withSchema(state.schemas, wanted, now);
  const next = { ...state, ...requested(request), schemas };
  if (
    isSameJson(next.example, state.example) &&
    isDeepStrictEqual({ ...next, example: null }, { ...state, example: null })
  )
    return state;
  return { ...next, version: state.version + 1, updatedAt: now };
}

/** The schema in force. */
function schemaOf({ schemas }: Pick<EventTypeState, 'schemas'>): string | null {
  return schemas[0]?.schema ?? null;
}

export function eventTypeDocument(state: EventTypeState): EventTypeDocument {
  const { id, version, organization, name } = state;
  return { kind: 'event-type', id, version, organization, name, schema: schemaOf(state) };
}

export const eventTypeView = z
  .object({
    id: z.string(),
    version: z.int(),
    organization: z.string().nullable().meta({ description: '`null`: for all organizations.' }),
    name: z.string(),
    group: z.string(),
    description: z.string(),
    example: z.unknown().meta({ override: {} }),
    schema: z.unknown().meta({ override: { type: ['object', 'boolean', 'null'] } }),
    schemaVersion: z.int().meta({ description: 'Rises with each change of the schema.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'EventType' });

export const schemaVersionView = z
  .object({
    version: z.int(),
    schema: z.unknown().meta({ override: { type: ['object', 'boolean', 'null'] } }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'SchemaVersion' });

export function viewEventType(state: EventTypeState): z.input<typeof eventTypeView> {
  const { id, version, organization, name, group, description, schemas } = state;
  return {
    id,
    version,
    organization,
    name,
    group,
    description,
    example: jsonOf(state.example),
    schema: jsonOf(schemaOf(state)),
    schemaVersion: schemas[0]?.version ?? 1,
    createdAt: state.createdAt.toISOString(),
    updatedAt: state.updatedAt.toISOString(),
  };
}

export function viewSchemaVersion({ version, schema, createdAt }: SchemaVersion): z.input<typeof schemaVersionView> {
  return { version, schema: jsonOf(schema), createdAt };
}

/** The request that would give what is stored, for a merge patch to be applied to. */
export function asEventTypeRequest(state: EventTypeState): Readonly<Record<string, unknown>> {
  const { name, group, description } = state;
  return { name, group, description, example: jsonOf(state.example), schema: jsonOf(schemaOf(state)) };
}

function requested({ name, group, description, example }: EventTypeRequest) {
  return { name, group: group ?? name.split('.', 1)[0] ?? name, description, example: textOf(example) };
}

function withSchema(present: readonly SchemaVersion[], schema: string | null, now: Date): SchemaVersion[] {
  const newest = { version: (present[0]?.version ?? 0) + 1, schema, createdAt: now.toISOString() };
  let bytes = 0;
  return [newest, ...present].slice(0, MAX_KEPT_SCHEMAS).filter((kept, index) => {
    bytes += kept.schema?.length ?? 0;
    return index === 0 || bytes <= MAX_KEPT_BYTES;
  });
}

/** Whether two JSON texts mean the same, whatever the order of their members. */
function isSameJson(left: string | null, right: string | null): boolean {
  return left === right || (left !== null && right !== null && isDeepStrictEqual(jsonOf(left), jsonOf(right)));
}

function jsonOf(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
