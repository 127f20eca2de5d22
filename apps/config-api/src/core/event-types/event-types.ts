import { newId } from '@hookstream/domain';
import { type Caller } from '../caller.js';
import { type ConfigStore, type ExpectedVersions, type Page, type PageRequest } from '../config-store.js';
import { bindingFor, type OrganizationDirectory, scopeOfList } from '../organizations/organization-of-request.js';
import { accepted, type Outcome, rejected } from '../outcome.js';
import { type EventTypeRequest } from './event-type-request.js';
import { type EventTypeState, newEventType, replacedEventType } from './event-type-state.js';

export interface EventTypesParts {
  readonly store: ConfigStore<EventTypeState>;
  readonly organizations: OrganizationDirectory;
  readonly now: () => Date;
}

/** Declared event types. A bound key sees its organization's and those for all, and writes its organization's. */
export class EventTypes {
  constructor(private readonly parts: EventTypesParts) {}

  async create(caller: Caller, request: EventTypeRequest): Promise<Outcome<EventTypeState>> {
    const organization = await bindingFor(caller, request.organization, this.parts.organizations);
    if (!organization.ok) return organization;
    const given = { id: newId('typ'), organization: organization.value };
    return this.parts.store.insert(caller, newEventType(request, given, this.parts.now()));
  }

  find(caller: Caller, id: string): Promise<EventTypeState | undefined> {
    return this.parts.store.find(id, caller.organization);
  }

  async list(
    caller: Caller,
    organization: string | undefined,
    page: PageRequest,
  ): Promise<Outcome<Page<EventTypeState>>> {
    const scope = await scopeOfList(caller, organization, this.parts.organizations);
    return scope.ok ? accepted(await this.parts.store.list({ ...page, scope: scope.value })) : scope;
  }

  replace(
    caller: Caller,
    id: string,
    request: EventTypeRequest,
    expected: ExpectedVersions,
  ): Promise<Outcome<EventTypeState>> {
    return this.parts.store.change(caller, id, caller.organization, expected, (state) => {
      if (!mayWrite(caller, state)) return onlyPlatformWide();
      if (request.name !== state.name) {
        return rejected({ kind: 'field', pointer: '/name', message: 'cannot be changed; declare another type' });
      }
      return accepted(replacedEventType(state, request, this.parts.now()));
    });
  }

  async remove(caller: Caller, id: string, expected: ExpectedVersions): Promise<Outcome<void>> {
    const found = await this.find(caller, id);
    if (found && !mayWrite(caller, found)) return onlyPlatformWide();
    return this.parts.store.remove(caller, id, caller.organization, expected);
  }
}

function mayWrite(caller: Caller, { organization }: EventTypeState): boolean {
  return caller.organization === null || caller.organization === organization;
}

function onlyPlatformWide(): Outcome<never> {
  return rejected({
    kind: 'forbidden',
    detail:
      'This type is declared for all organizations; only a platform-wide key changes it. Declare your own of that name.',
  });
}
