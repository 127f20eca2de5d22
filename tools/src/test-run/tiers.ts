export interface Tier {
  readonly name: 'unit' | 'integration' | 'e2e';
  readonly config: string;
}

const TIERS: readonly Tier[] = [
  { name: 'unit', config: 'jest.config.mjs' },
  { name: 'integration', config: 'jest.int.config.mjs' },
  { name: 'e2e', config: 'jest.e2e.config.mjs' },
];

export interface Selection {
  readonly tiers: readonly Tier[];
  readonly jestArgs: readonly string[];
}

/** `npm test -- unit e2e -t parks`: the leading names of tiers choose (default all), the rest goes to Jest. */
export function selectTiers(args: readonly string[]): Selection {
  const firstOther = args.findIndex((arg) => TIERS.every(({ name }) => name !== arg));
  const names = firstOther === -1 ? args : args.slice(0, firstOther);
  return {
    tiers: names.length === 0 ? TIERS : TIERS.filter(({ name }) => names.includes(name)),
    jestArgs: args.slice(names.length),
  };
}
