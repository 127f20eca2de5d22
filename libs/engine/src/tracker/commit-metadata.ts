/** Kafka takes this many bytes of metadata with a committed offset (`offset.metadata.max.bytes`). */
export const MAX_METADATA_BYTES = 4_096;

const VERSION = '2.';
const MAX_BYTES = Math.floor(((MAX_METADATA_BYTES - VERSION.length) * 3) / 4);
/** Of a position below 2^56. */
const MAX_POSITION_BYTES = 8;
const MAX_RUN_BYTES = MAX_BYTES - MAX_POSITION_BYTES;

/** Runs as bytes, as many as fit. */
export interface PackedRuns {
  readonly bytes: readonly number[];
  /** Offsets they cover. */
  readonly length: number;
  /** Nothing was left out. */
  readonly isWhole: boolean;
}

/** What a commit says besides its offset. */
export interface CommitMetadata {
  /** Lengths of alternating runs beyond the committed offset, unfinished first. */
  readonly runs: readonly number[];
  /** Every report below this position, of the partition of `attempts` with the same number, is in the commit. */
  readonly reportsFrom: number | undefined;
}

/**
 * Packs the finished offsets beyond a committed one. Where they do not all fit, the nearest do: a reader then reads more
 * reports, and loses nothing.
 *
 * @param runs lengths of alternating runs, each at least 1, the first of unfinished offsets
 */
export function packRuns(runs: Iterable<number>): PackedRuns {
  const bytes: number[] = [];
  let covered = 0;
  for (const length of runs) {
    const before = bytes.length;
    appendVariableLength(bytes, length);
    if (bytes.length > MAX_RUN_BYTES) {
      bytes.length = before;
      return { bytes, length: covered, isWhole: false };
    }
    covered += length;
  }
  return { bytes, length: covered, isWhole: true };
}

/** Version 2: the position plus 1, or 0 for none, then the runs, all as variable-length integers in base64url. */
export function encodeCommitMetadata(runs: PackedRuns, reportsFrom: number | undefined): string {
  if (runs.bytes.length === 0 && reportsFrom === undefined) return '';
  const bytes: number[] = [];
  appendVariableLength(bytes, reportsFrom === undefined ? 0 : reportsFrom + 1);
  return VERSION + Buffer.from([...bytes, ...runs.bytes]).toString('base64url');
}

/** Nothing but the offset where the metadata is empty, cut or of another version. */
export function decodeCommitMetadata(metadata: string): CommitMetadata {
  if (!metadata.startsWith(VERSION)) return { runs: [], reportsFrom: undefined };
  const [position = 0, ...runs] = variableLengths(Buffer.from(metadata.slice(VERSION.length), 'base64url'));
  return { runs, reportsFrom: position === 0 ? undefined : position - 1 };
}

function appendVariableLength(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function variableLengths(bytes: Buffer): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte & 0x80) continue;
    values.push(value);
    value = 0;
    scale = 1;
  }
  return values;
}
