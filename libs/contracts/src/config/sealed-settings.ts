import type { SealedSecret } from './sealed-secret.js';

/** Members whose names tenants choose. Nothing in them is sealed, whatever it looks like. */
const OF_TENANTS: ReadonlySet<string> = new Set(['headers', 'filters']);
const SEALED = 'sealed';

/** Settings with everything in them that is called `sealed` changed; the very same value where nothing is. */
export function mapSealed(settings: unknown, change: (sealed: SealedSecret) => SealedSecret): unknown {
  if (typeof settings !== 'object' || settings === null) return settings;
  if (Array.isArray(settings)) {
    const items: unknown[] = settings.map((item: unknown) => mapSealed(item, change));
    return items.some((item, index) => item !== settings[index]) ? items : settings;
  }
  const members = Object.entries(settings).map(([name, member]: [string, unknown]) => {
    if (OF_TENANTS.has(name)) return { name, member, next: member };
    const isSealed = name === SEALED && typeof member === 'string';
    return { name, member, next: isSealed ? change(member) : mapSealed(member, change) };
  });
  if (members.every(({ member, next }) => member === next)) return settings;
  return Object.fromEntries(members.map(({ name, next }) => [name, next]));
}

/** Every secret in settings. */
export function sealedIn(settings: unknown): readonly SealedSecret[] {
  const found: SealedSecret[] = [];
  mapSealed(settings, (sealed) => {
    found.push(sealed);
    return sealed;
  });
  return found;
}
