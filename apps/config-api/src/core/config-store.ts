import { type OrganizationId } from '@hookstream/domain';
import { type Actor } from './caller.js';
import { type Outcome } from './outcome.js';

/** Whose things a caller sees; `null`: everyone's. What is outside does not exist for the caller. */
export type Scope = OrganizationId | null;

/** The versions that `If-Match` names; `undefined`: any. */
export type ExpectedVersions = readonly number[] | undefined;

export interface PageRequest {
  readonly limit: number;
  /** From the page before. */
  readonly cursor?: string | undefined;
}

export interface ListQuery extends PageRequest {
  readonly scope: Scope;
}

export interface Page<State> {
  /** Newest first. */
  readonly items: readonly State[];
  readonly nextCursor: string | null;
}

/**
 * Where one kind of configuration is kept. Each write stores the row, the document that announces it, and an entry of the
 * audit trail in one transaction; after that the document is certain to reach the `config` topic.
 */
export interface ConfigStore<State> {
  insert(by: Actor, state: State): Promise<Outcome<State>>;
  find(id: string, scope: Scope): Promise<State | undefined>;
  list(query: ListQuery): Promise<Page<State>>;
  /**
   * Puts the next state in the place of the present one, unless the change gives back the very same object. Nobody else
   * changes it meanwhile.
   */
  change(
    by: Actor,
    id: string,
    scope: Scope,
    expected: ExpectedVersions,
    change: (state: State) => Outcome<State>,
  ): Promise<Outcome<State>>;
  remove(by: Actor, id: string, scope: Scope, expected: ExpectedVersions): Promise<Outcome<void>>;
}
