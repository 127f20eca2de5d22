import { DEFAULT_PORTS, freePort, SERVICE_NAMES } from '@hookstream/testing';
import { z } from 'zod';
import { readJsonFile, writePrivateFile } from './json-file.js';

const NAMES = [...SERVICE_NAMES, 'kafka', 'kafka-controller', 'postgres'] as const;
type Listener = (typeof NAMES)[number];

const PREFERRED: Readonly<Record<Listener, number>> = {
  ...DEFAULT_PORTS,
  kafka: 9092,
  'kafka-controller': 9093,
  postgres: 5432,
};

const saved = z.record(z.string(), z.number().int());

export interface ChosenPorts {
  readonly ports: Readonly<Record<Listener, number>>;
  /** One line for each port that is not the one of last time, or the usual one. */
  readonly notes: readonly string[];
}

/** The ports of the last start, else the usual ones; a busy one is replaced by a free one. Remembered in `path`. */
export async function choosePorts(path: string, free: typeof freePort = freePort): Promise<ChosenPorts> {
  const former = readJsonFile(path, saved) ?? {};
  const ports = { ...PREFERRED };
  const notes: string[] = [];
  for (const name of NAMES) {
    const wanted = former[name] ?? PREFERRED[name];
    ports[name] = await free(wanted);
    if (ports[name] !== wanted) notes.push(`port ${wanted} is busy: ${name} uses ${ports[name]}`);
  }
  writePrivateFile(path, `${JSON.stringify(ports, null, 2)}\n`);
  return { ports, notes };
}
