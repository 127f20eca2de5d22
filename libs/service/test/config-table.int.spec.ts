// Real: Kafka, kafkajs, Nest, HTTP.
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  encodeConfigDocument,
  type DeletedDocument,
  type OrganizationDocument,
  type SourceDocument,
  DEFAULT_MAPPING,
} from '@hookstream/contracts';
import { newId } from '@hookstream/domain';
import { type ConfigListener, type ConfigTable } from '../src/index.js';
import { eventually } from './support/eventually.js';
import { readyz, Seen, ServiceTestBed } from './support/service-test-bed.js';

const bed = new ServiceTestBed();
afterAll(() => bed.close());

const COMPACTED = { 'cleanup.policy': 'compact' };

function organization(version: number, id = newId('org')): OrganizationDocument {
  return { kind: 'organization', id, version, name: `v${version}`, externalId: null };
}

class Told implements ConfigListener {
  readonly what: string[] = [];

  onOrganization({ name }: OrganizationDocument): void {
    this.what.push(`organization ${name}`);
  }

  onSource({ topic }: SourceDocument): void {
    this.what.push(`source ${topic}`);
  }

  onDeleted({ version }: DeletedDocument): void {
    this.what.push(`deleted v${version}`);
  }

  onForgotten(): void {
    this.what.push('forgotten');
  }

  onReady(): void {
    this.what.push('ready');
  }
}

describe('the configuration of a service', () => {
  it('is in force before the first batch, applies only higher versions and skips what it cannot decode', async () => {
    const things = await bed.topic('things');
    const [seen, told] = [new Seen(), new Told()];
    const holder: { table?: ConfigTable } = {};
    const known = organization(2);
    await bed.values(things, ['1']);
    const toldAtFirstBatch: string[][] = [];
    seen.before = () => void toldAtFirstBatch.push([...told.what]);

    // The topic does not exist yet: nothing may be consumed.
    const running = await bed.start((host) => {
      host.batchTransport({ groupId: `${bed.prefix}things`, topics: { things: [things] }, commit: 'after-handler' });
      holder.table = host.configTable(told);
      return seen;
    });
    await eventually(async () => {
      const { text } = await readyz(running);
      expect(text).toContain(`has not read ${bed.prefix}config to its end (Kafka at ${bed.brokers})`);
      expect(text).toContain('waits for what it depends on');
    });
    const config = await bed.topic('config', 1, COMPACTED);
    await bed.produce(
      encodeConfigDocument(config, known),
      { topic: config, key: 'org_poison', value: Buffer.from('{"kind":"organization"') },
      encodeConfigDocument(config, organization(1, known.id)),
      encodeConfigDocument(config, organization(3, known.id)),
    );
    await eventually(async () => {
      expect(seen.values).toEqual(['1']);
      expect((await readyz(running)).status).toBe(200);
    });
    expect(holder.table?.versionOf(known.id)).toBe(3);

    const source: SourceDocument = {
      kind: 'source',
      id: newId('src'),
      version: 1,
      topic: 'orders',
      mapping: DEFAULT_MAPPING,
      startOffsets: {},
    };
    const deleted: DeletedDocument = {
      kind: 'deleted',
      id: known.id,
      version: 4,
      organization: null,
      deletedAtMs: 1,
    };
    await bed.produce(
      encodeConfigDocument(config, source),
      encodeConfigDocument(config, deleted),
      encodeConfigDocument(config, organization(3, known.id)),
      { topic: config, key: known.id, value: null },
    );
    await eventually(() =>
      expect(told.what.filter((one) => one !== 'ready')).toEqual([
        'organization v2',
        'organization v3',
        'source orders',
        'deleted v4',
        'forgotten',
      ]),
    );
    expect(toldAtFirstBatch[0]).toContain('ready');
    expect(told.what.filter((one) => one === 'ready')).toHaveLength(1);
    expect(holder.table?.versionOf(known.id)).toBeUndefined();
    expect([...(holder.table?.positions() ?? [])]).toEqual([[0, 8]]);
    expect(performance.now() - (holder.table?.lastFetchCompletedAtMs() ?? 0)).toBeLessThan(3_000);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    expect(metrics).toContain('hookstream_config_poison_total 1');
    expect(metrics).toContain('hookstream_config_offset{partition="0"} 8');
    expect(bed.lines.join('')).toContain('configuration record skipped');
  });
});
