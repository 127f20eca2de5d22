import { celMap, isCelList, isCelMap, type CelInput, type CelMap } from '@bufbuild/cel';
import type { EventAttributes } from '@hookstream/domain';
import { celDataOf } from './cel/cel-data.js';
import { EventBudget } from './cel/event-budget.js';
import { FilterError } from './verdict.js';

const JSON_TYPE = /^[a-z0-9!#$&^_.+-]+\/(?:[a-z0-9!#$&^_.-]+\+)?json(?:\s*;.*)?$/i;

interface ParsedData {
  readonly data: CelInput;
}

/** One event as filters see it. What is made of it is made once, and only when a filter asks. */
export class FilteredEvent {
  private attributes: ReadonlyMap<string, string> | undefined;
  private parsed: ParsedData | FilterError | undefined;
  private celAttributes: CelMap | undefined;
  private readonly budget = new EventBudget();

  /** @param bytes its data as the producer wrote it */
  constructor(
    private readonly event: EventAttributes,
    private readonly bytes: Buffer,
  ) {}

  attribute(name: string): string | undefined {
    this.attributes ??= attributesOf(this.event);
    return this.attributes.get(name);
  }

  /** Steps that the next expression may take, see `EventBudget`. */
  get allowance(): number {
    return this.budget.allowance;
  }

  spend(steps: number): void {
    this.budget.spend(steps);
  }

  /** `event` of a CEL expression. */
  celEvent(): CelMap {
    this.attributes ??= attributesOf(this.event);
    this.celAttributes ??= celMap(this.attributes);
    return this.celAttributes;
  }

  /** `data` of a CEL expression: JSON as what it says, data of another content type as its text, no data as null. */
  celData(): ParsedData | FilterError {
    this.parsed ??= parsed(this.bytes, this.event.dataContentType);
    return this.parsed;
  }

  /** A member of `event` or `data`, as JSON; undefined where there is none. */
  read(root: string, path: readonly string[]): unknown {
    const data = root === 'event' ? { data: this.celEvent() } : this.celData();
    if (data instanceof FilterError) return undefined;
    let value: unknown = data.data;
    for (const name of path) value = isCelMap(value) ? value.get(name) : undefined;
    return asJson(value);
  }
}

function asJson(value: unknown): unknown {
  if (isCelList(value)) return [...value].map(asJson);
  if (isCelMap(value)) return Object.fromEntries([...value].map(([name, member]) => [textOf(name), asJson(member)]));
  return value;
}

/** Maps of JSON have texts for keys. */
function textOf(key: unknown): string {
  return typeof key === 'string' ? key : '';
}

function attributesOf(event: EventAttributes): ReadonlyMap<string, string> {
  const values = new Map<string, string>(Object.entries(event.extensions ?? {}));
  values.set('specversion', '1.0');
  values.set('id', event.externalId ?? event.id);
  values.set('source', event.source);
  values.set('type', event.type);
  values.set('time', event.time);
  values.set('organization', event.organization);
  if (event.subject !== undefined) values.set('subject', event.subject);
  if (event.dataContentType !== undefined) values.set('datacontenttype', event.dataContentType);
  if (event.dataSchema !== undefined) values.set('dataschema', event.dataSchema);
  return values;
}

function parsed(bytes: Buffer, contentType: string | undefined): ParsedData | FilterError {
  if (bytes.length === 0) return { data: null };
  const text = bytes.toString('utf8');
  if (contentType !== undefined && !JSON_TYPE.test(contentType)) return { data: text };
  try {
    return { data: celDataOf(JSON.parse(text)) };
  } catch (error) {
    return error instanceof RangeError ? new FilterError(error.message) : new FilterError('the data is not JSON');
  }
}
