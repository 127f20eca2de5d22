import { type TopicSpec } from '../ports.js';

export interface TopicState {
  readonly partitions: number;
  readonly replication: number;
  /** All settings in force, defaults included. */
  readonly config: ReadonlyMap<string, string>;
}

export interface SettingDifference {
  readonly name: string;
  readonly wanted: string;
  readonly actual: string | undefined;
}

/** How an existing topic differs from what is wanted. Partitions and replicas are told, never changed: keys would move. */
export function topicDifferences(
  spec: TopicSpec,
  actual: TopicState,
): { readonly shape: readonly string[]; readonly settings: readonly SettingDifference[] } {
  const shape: string[] = [];
  if (actual.partitions !== spec.partitions) {
    shape.push(`has ${actual.partitions} partitions, ${spec.partitions} are wanted`);
  }
  if (actual.replication < spec.replication) {
    shape.push(`is replicated ${actual.replication} times, ${spec.replication} are wanted`);
  }
  const settings = Object.entries(spec.config)
    .filter(([name, wanted]) => actual.config.get(name) !== wanted)
    .map(([name, wanted]) => ({ name, wanted, actual: actual.config.get(name) }));
  return { shape, settings };
}

export function describeSetting({ name, wanted, actual }: SettingDifference): string {
  return `${name} is ${actual ?? 'not known to the broker'}, ${wanted} is wanted`;
}
