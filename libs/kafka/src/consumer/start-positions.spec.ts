import { describe, expect, it } from '@jest/globals';
import { startPositions } from './start-positions.js';

const fake = (committed: readonly number[]) => ({
  committed: (_group: string, topics: readonly string[]) =>
    Promise.resolve(
      topics.flatMap((topic) =>
        [0, 1, 2].map((partition) => ({
          topic,
          partition,
          offset: committed.includes(partition) ? 7 : undefined,
          metadata: '',
        })),
      ),
    ),
  endOffsets: () => Promise.resolve([0, 1, 2].map((partition) => ({ partition, offset: 100 + partition }))),
});
const gained = [0, 1, 2].map((partition) => ({ topic: 't', partition }));

describe('the start of a partition', () => {
  it('is asked of nobody when all start at the earliest', async () => {
    expect(await startPositions(fake([]), 'g', gained, 'earliest')).toEqual([]);
  });

  it('is the end where nothing was committed, and the committed offset elsewhere', async () => {
    expect(await startPositions(fake([1]), 'g', gained, 'latest')).toEqual([
      { topic: 't', partition: 0, offset: 100 },
      { topic: 't', partition: 2, offset: 102 },
    ]);
  });

  it('can be told per partition', async () => {
    const startAt = ({ partition }: { partition: number }) => (partition === 0 ? 42 : 'earliest');
    expect(await startPositions(fake([]), 'g', gained, startAt)).toEqual([{ topic: 't', partition: 0, offset: 42 }]);
  });
});
