import { type OrganizationId } from '@hookstream/domain';
import { compileSchema, type SchemaCheck, type Violation } from './compile-schema.js';

/** A declared event type, as far as checking needs it. */
export interface DeclaredType {
  readonly id: string;
  /** `null`: declared for all organizations. */
  readonly organization: OrganizationId | null;
  readonly name: string;
  /** JSON text; `null`: any data will do. */
  readonly schema: string | null;
}

export interface CheckedEvent {
  readonly organization: OrganizationId;
  readonly type: string;
  readonly dataContentType?: string;
}

/** Compiled schemas at once; a schema is some 50 KB as code. */
const MAX_COMPILED = 500;
const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;

/**
 * The schemas in force, by organization and type. An organization's own declaration goes before one for all. A schema is
 * compiled when the first event of its type comes, and once.
 */
export class EventSchemas {
  private readonly byPlace = new Map<string, DeclaredType>();
  private readonly placeById = new Map<string, string>();
  /** Least recently used first. */
  private readonly compiled = new Map<string, SchemaCheck>();

  set(declared: DeclaredType): void {
    this.delete(declared.id);
    const place = placeOf(declared.organization, declared.name);
    this.byPlace.set(place, declared);
    this.placeById.set(declared.id, place);
  }

  delete(id: string): void {
    const place = this.placeById.get(id);
    // Its name may have been taken by another one since.
    if (place !== undefined && this.byPlace.get(place)?.id === id) this.byPlace.delete(place);
    this.placeById.delete(id);
    this.compiled.delete(id);
  }

  /** Where an event's data is not as its type declares; empty for a type that nobody declared. */
  violations({ organization, type, dataContentType }: CheckedEvent, data: Buffer): readonly Violation[] {
    if (this.byPlace.size === 0) return [];
    const declared = this.byPlace.get(placeOf(organization, type)) ?? this.byPlace.get(placeOf(null, type));
    if (declared === undefined || declared.schema === null) return [];
    if (dataContentType !== undefined && !JSON_TYPE.test(dataContentType)) {
      return [{ pointer: '', message: 'must be JSON, as the type has a schema; the event says it is something else' }];
    }
    return this.checkOf(declared.id, declared.schema)(data);
  }

  private checkOf(id: string, schema: string): SchemaCheck {
    const check = this.compiled.get(id) ?? compileSchema(JSON.parse(schema));
    this.compiled.delete(id);
    this.compiled.set(id, check);
    const [oldest] = this.compiled.keys();
    if (this.compiled.size > MAX_COMPILED && oldest !== undefined) this.compiled.delete(oldest);
    return check;
  }
}

function placeOf(organization: OrganizationId | null, name: string): string {
  return `${organization ?? ''}/${name}`;
}

/** Violations in one line for a person, at most so many of them. */
export function describeViolations(violations: readonly Violation[], most = 10): string {
  const shown = violations
    .slice(0, most)
    .map(({ pointer, message }) => `${pointer === '' ? 'the data' : pointer} ${message}`);
  const more = violations.length > most ? `; and ${violations.length - most} more` : '';
  return `${shown.join('; ')}${more}`.slice(0, 2_000);
}
