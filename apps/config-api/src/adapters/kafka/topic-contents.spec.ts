import { describe, expect, it } from '@jest/globals';
import { encodeConfigDocument, encodeForgotten, type OrganizationDocument } from '@hookstream/contracts';
import { TopicContents } from './topic-contents.js';

const document = (version: number, id: `org_${string}` = 'org_a'): OrganizationDocument => {
  return { kind: 'organization', id, version, name: `v${version}`, externalId: null };
};

function taking(contents: TopicContents) {
  let offset = 0;
  return (taken: OrganizationDocument) => {
    const { value } = encodeConfigDocument('config', taken);
    const key = Buffer.from(taken.id);
    contents.onRecord(
      { topic: 'config', partition: 0, offset: offset++, timestamp: 0, key, value, headers: {} },
      taken,
    );
  };
}

describe('what the config topic holds', () => {
  it('is the last record of each key, and one that is older than the one before it is told once', () => {
    const contents = new TopicContents();
    const take = taking(contents);
    take(document(1));
    take(document(3));
    take(document(2));
    expect(contents.get('org_a')).toMatchObject({ version: 2, offset: 2 });
    expect(contents.takeOvertaken()).toEqual(['org_a']);
    expect(contents.takeOvertaken()).toEqual([]);
  });

  it('is not overtaken any more when the newest came again', () => {
    const contents = new TopicContents();
    const take = taking(contents);
    for (const version of [3, 2, 3]) take(document(version));
    expect(contents.takeOvertaken()).toEqual([]);
  });

  it('has not what lies before the first record that the log still has, and nothing when it was emptied', () => {
    const contents = new TopicContents();
    const take = taking(contents);
    for (const id of ['org_a', 'org_b', 'org_a', 'org_c'] as const) take(document(1, id));
    expect(contents.forgetBelow(0, 2)).toBe(1);
    expect(contents.get('org_b')).toBeUndefined();
    expect(contents.takeLoss()).toBe(false);
    contents.onEmptied();
    expect([contents.size, contents.takeLoss(), contents.takeLoss()]).toEqual([0, true, false]);
  });

  it('forgets what a tombstone ends', () => {
    const contents = new TopicContents();
    taking(contents)(document(1));
    const { key, value } = encodeForgotten('config', 'org_a');
    contents.onRecord(
      { topic: 'config', partition: 0, offset: 9, timestamp: 0, key: Buffer.from(key ?? ''), value, headers: {} },
      null,
    );
    expect(contents.size).toBe(0);
  });
});
