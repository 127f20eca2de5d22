import { describe, expect, it } from '@jest/globals';
import type { ConsumedRecord } from '@hookstream/contracts';
import { IngressReader } from './ingress-reader.js';
import { IngressSources } from '@hookstream/contracts';
import { Organizations } from './organizations.js';

const record = (value: object | string, offset = 0): ConsumedRecord => ({
  topic: 'events',
  partition: 0,
  offset,
  timestamp: 1_700_000_000_000,
  key: null,
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: {},
});

function readerOver(configurationAsOfNow: (organizations: Organizations) => void) {
  const organizations = new Organizations();
  const skipped: string[] = [];
  let waits = 0;
  const reader = new IngressReader({
    sources: new IngressSources('events'),
    organizations,
    maxEventBytes: 1_000,
    configurationAsOfNow: () => {
      waits += 1;
      configurationAsOfNow(organizations);
      return Promise.resolve();
    },
    onSkipped: (reason) => skipped.push(reason),
  });
  return { reader, skipped, waits: () => waits };
}

describe('the reader of ingress records', () => {
  it('reads the configuration to its end before it skips an event of an unknown organization', async () => {
    const { reader, skipped } = readerOver((organizations) =>
      organizations.onOrganization({ kind: 'organization', id: 'org_new', version: 1, name: 'N', externalId: 'new-1' }),
    );
    const late = record({ type: 'a.b', organization: 'new-1' });
    const rows = (await reader.read([late]))(late);
    expect(rows.events).toMatchObject([{ attributes: { organization: 'org_new', type: 'a.b' } }]);
    expect(skipped).toEqual([]);
  });

  it('waits once for all records of a batch, and not at all where every organization is known', async () => {
    const { reader, skipped, waits } = readerOver(() => undefined);
    const batch = [1, 2, 3].map((offset) => record({ type: 'a.b', organization: `no-${offset}` }, offset));
    const readRows = await reader.read(batch);
    expect(batch.flatMap((one) => readRows(one).events)).toEqual([]);
    expect(skipped).toEqual(Array(3).fill('unknown-organization'));
    await reader.read([record({ type: 'a.b' })]);
    expect(waits()).toBe(1);
  });

  it('leaves what is no event to the router’s dead letters', async () => {
    const { reader, skipped } = readerOver(() => undefined);
    const poison = record('{not json');
    expect((await reader.read([poison]))(poison).events).toEqual([]);
    expect(skipped).toEqual(['undecodable']);
  });
});
