import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { workspaceRoot } from '@hookstream/testing';
import { parse } from 'yaml';

interface ComposeFile {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly environment?: Readonly<Record<string, string>>;
        readonly depends_on?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

const read = (path: string) => readFileSync(join(workspaceRoot(), path), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as ComposeFile;
const OURS = ['config-api', 'router', 'dispatcher', 'retry-scheduler', 'audit-log'];

describe('docker-compose.yml', () => {
  it('has the five services, what they need, and a setup that runs before them', () => {
    expect(Object.keys(services).sort()).toEqual([...OURS, 'kafka', 'postgres', 'setup'].sort());
    for (const name of OURS) expect(Object.keys(services[name]?.depends_on ?? {})).toContain('setup');
  });

  it('sets only variables that docs/configuration.md knows', () => {
    const known = new Set(read('docs/configuration.md').match(/HOOKSTREAM_[A-Z_]+/g));
    // Read by the image, not by a service.
    known.add('HOOKSTREAM_SERVICE');
    for (const name of [...OURS, 'setup']) {
      const ours = Object.keys(services[name]?.environment ?? {}).filter((variable) =>
        variable.startsWith('HOOKSTREAM_'),
      );
      expect(ours.filter((variable) => !known.has(variable))).toEqual([]);
    }
  });

  it('tells the database only to those that may ask it', () => {
    const told = OURS.filter((name) => 'HOOKSTREAM_DATABASE_URL' in (services[name]?.environment ?? {}));
    expect(told).toEqual(['config-api', 'audit-log']);
  });
});
