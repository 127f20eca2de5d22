import { compress as zstdCompress, init as initZstd } from '@bokuweb/zstd-wasm';
import { decompress as zstdDecompress } from 'fzstd';
import kafkajs from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy';
import { type Compression } from '../ports.js';
import { snappyBlocks } from './snappy-framing.js';

const { CompressionCodecs, CompressionTypes } = kafkajs;

export interface Codec {
  /** kafkajs hands over its encoder, of which only the bytes matter. */
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(payload: Buffer): Promise<Buffer>;
}

export const snappyCodec: Codec = {
  compress: ({ buffer }) => snappyCompress(buffer),
  decompress: async (payload) => {
    const blocks = await Promise.all(snappyBlocks(payload).map((block) => snappyUncompress(block, { asBuffer: true })));
    return Buffer.concat(blocks.map((block) => (typeof block === 'string' ? Buffer.from(block) : block)));
  },
};

export const lz4Codec: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: (payload) => decompressFrame(payload),
};

let zstdReady: Promise<void> | undefined;

export const zstdCodec: Codec = {
  compress: async ({ buffer }) => {
    // The writer is WebAssembly and is loaded by the first who writes; reading needs none of it.
    zstdReady ??= initZstd();
    await zstdReady;
    return Buffer.from(zstdCompress(buffer));
  },
  decompress: (payload) => {
    const plain = zstdDecompress(payload);
    return Promise.resolve(Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength));
  },
};

/** Makes kafkajs read and write all four codecs (gzip is its own). Safe to call again. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => snappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Codec;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstdCodec;
}

const TYPES = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const satisfies Record<Compression, unknown>;

export function compressionType(compression: Compression): (typeof TYPES)[Compression] {
  return TYPES[compression];
}
