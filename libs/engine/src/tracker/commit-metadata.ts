/** Kafka takes this many bytes of metadata with a committed offset (`offset.metadata.max.bytes`). */
export const MAX_METADATA_BYTES = 4_096;

const VERSION = '1.';
const MAX_RUN_BYTES = Math.floor(((MAX_METADATA_BYTES - VERSION.length) * 3) / 4);

/**
 * Writes the finished offsets beyond a committed one: lengths of alternating runs, unfinished first, as variable-length
 * integers in base64url. Where they do not all fit, the nearest do: a reader then repeats more, and loses nothing.
 *
 * @param runs lengths, each at least 1, the first of unfinished offsets
 */
export function encodeFinishedRuns(runs: Iterable<number>): string {
  const bytes: number[] = [];
  for (const length of runs) {
    const before = bytes.length;
    appendVariableLength(bytes, length);
    if (bytes.length <= MAX_RUN_BYTES) continue;
    bytes.length = before;
    break;
  }
  return bytes.length === 0 ? '' : VERSION + Buffer.from(bytes).toString('base64url');
}

/** The runs of {@link encodeFinishedRuns}; none where the metadata is empty, cut or of another version. */
export function decodeFinishedRuns(metadata: string): number[] {
  if (!metadata.startsWith(VERSION)) return [];
  const runs: number[] = [];
  let length = 0;
  let scale = 1;
  for (const byte of Buffer.from(metadata.slice(VERSION.length), 'base64url')) {
    length += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte & 0x80) continue;
    runs.push(length);
    length = 0;
    scale = 1;
  }
  return runs;
}

function appendVariableLength(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
