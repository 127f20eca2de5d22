import { describe, expect, it } from '@jest/globals';
import { DEFAULT_MAPPING, type SourceDocument } from '../config/config-documents.js';
import { IngressSources } from './ingress-sources.js';

function sourceDocument(
  name: string,
  topic: string,
  startOffsets: Readonly<Record<string, number>> = {},
): SourceDocument {
  return { kind: 'source', id: `src_${name}`, version: 1, topic, mapping: DEFAULT_MAPPING, startOffsets };
}

const mapping = { ...DEFAULT_MAPPING, type: { constant: 'a' } };

describe('IngressSources', () => {
  it('reads the default topic from its beginning, whether or not a source names it', () => {
    const sources = new IngressSources('events');
    expect(sources.topics()).toEqual(['events']);
    expect(sources.startOf('events', 0)).toBe('earliest');
    expect(sources.mappingOf('events')).toBe(DEFAULT_MAPPING);
    sources.onSource({ ...sourceDocument('s', 'events'), mapping });
    expect(sources.topics()).toEqual(['events']);
    expect(sources.mappingOf('events')).toBe(mapping);
    sources.onDeleted({ id: 'src_s' });
    expect(sources.mappingOf('events')).toBe(DEFAULT_MAPPING);
  });

  it('begins where the source was told to, and at the beginning of a partition added since', () => {
    const sources = new IngressSources('events');
    sources.onSource(sourceDocument('s', 'orders', { '0': 17, '1': 0 }));
    expect(sources.topics()).toEqual(['events', 'orders']);
    expect(sources.startOf('orders', 0)).toBe(17);
    expect(sources.startOf('orders', 1)).toBe(0);
    expect(sources.startOf('orders', 2)).toBe('earliest');
  });

  it('stops reading a deleted source, but still routes by it what was fetched before', () => {
    const sources = new IngressSources('events');
    sources.onSource({ ...sourceDocument('s', 'orders'), mapping });
    sources.onDeleted({ id: 'src_s' });
    sources.onDeleted({ id: 'src_unknown' });
    expect(sources.topics()).toEqual(['events']);
    expect(sources.mappingOf('orders')).toBe(mapping);
  });

  it('falls back to another source of the same topic', () => {
    const sources = new IngressSources('events');
    sources.onSource(sourceDocument('old', 'orders'));
    sources.onSource({ ...sourceDocument('new', 'orders'), mapping });
    sources.onDeleted({ id: 'src_old' });
    expect(sources.topics()).toEqual(['events', 'orders']);
    expect(sources.mappingOf('orders')).toBe(mapping);
  });
});
