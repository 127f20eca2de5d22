/** Something that goes to one member whole: a partition, or the same partition number of several topics. */
export interface Unit {
  readonly key: string;
  /** Who may have it: identical lists make one class, balanced in itself. */
  readonly eligible: readonly string[];
}

export interface Claim {
  readonly member: string;
  /** When the claimed units were assigned: of two claims the later is true. Milliseconds since the epoch. */
  readonly assignedAtMs: number;
  readonly keys: readonly string[];
}

/**
 * Who gets what: members of a class differ by at most one unit, and a unit stays with its former owner as far as that
 * allows. Deterministic. A unit that nobody may have is in no answer.
 */
export function assignSticky(units: readonly Unit[], claims: readonly Claim[]): ReadonlyMap<string, readonly string[]> {
  const former = formerOwners(claims);
  const assigned = new Map<string, string[]>();
  for (const unitClass of classesOf(units)) {
    for (const [member, keys] of assignClass(unitClass, former, assigned)) {
      assigned.set(member, [...(assigned.get(member) ?? []), ...keys]);
    }
  }
  return assigned;
}

interface UnitClass {
  readonly members: readonly string[];
  readonly keys: readonly string[];
}

function classesOf(units: readonly Unit[]): readonly UnitClass[] {
  const classes = new Map<string, { members: readonly string[]; keys: string[] }>();
  for (const { key, eligible } of units) {
    const members = [...new Set(eligible)].sort();
    const id = JSON.stringify(members);
    const unitClass = classes.get(id) ?? { members, keys: [] };
    unitClass.keys.push(key);
    classes.set(id, unitClass);
  }
  return [...classes.values()].filter(({ members }) => members.length > 0);
}

function formerOwners(claims: readonly Claim[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  const oldestFirst = [...claims].sort((a, b) => a.assignedAtMs - b.assignedAtMs || (a.member < b.member ? 1 : -1));
  for (const { member, keys } of oldestFirst) for (const key of keys) owners.set(key, member);
  return owners;
}

function assignClass(
  { members, keys }: UnitClass,
  former: ReadonlyMap<string, string>,
  already: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const kept = new Map<string, string[]>(members.map((member) => [member, []]));
  const free: string[] = [];
  for (const key of keys) {
    const own = kept.get(former.get(key) ?? '');
    if (own === undefined) free.push(key);
    else own.push(key);
  }

  const quota = quotas(members, keys.length, kept, already);
  for (const [member, own] of kept) free.push(...own.splice(quota.get(member) ?? 0));
  for (const [member, own] of kept) own.push(...free.splice(0, (quota.get(member) ?? 0) - own.length));
  return kept;
}

/** One unit more goes to those who would otherwise give one away, then to those who have least so far. */
function quotas(
  members: readonly string[],
  unitCount: number,
  kept: ReadonlyMap<string, readonly string[]>,
  already: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, number> {
  const least = Math.floor(unitCount / members.length);
  const extras = unitCount % members.length;
  const wouldGive = (member: string) => ((kept.get(member)?.length ?? 0) > least ? 0 : 1);
  const load = (member: string) => already.get(member)?.length ?? 0;
  const order = [...members].sort((a, b) => wouldGive(a) - wouldGive(b) || load(a) - load(b) || (a < b ? -1 : 1));
  return new Map(order.map((member, i) => [member, i < extras ? least + 1 : least]));
}
