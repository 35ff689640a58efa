// Text and blobs out of a DuckDB vector: 16-byte references -> offsets and one heap of bytes. Engine thread, as
// long as the data chunk lives, since the references point into DuckDB's memory.
//
//   byte 0..3  length
//   length <= 12: bytes 4..15 are the value            length > 12: 4..7 the first bytes, 8..15 a pointer
//
// A native call per long value costs 0.8 us. Values that lie end to end in memory are read by one call: only
// bytes between the start of the first and the end of the last are read, all of which belong to valid values.
import duckdb from '@duckdb/node-bindings';
import { isValid } from '../../batch/bitmap.ts';
import { byteWindow, copyValue } from '../../batch/byte-copy.ts';
import { releaseBuffers } from '../../batch/chunk.ts';
import { ownBytes } from './vector-bytes.ts';

export const REFERENCE_BYTES = 16;
export const INLINE_BYTES_MAX = 12;
/** Runs are read piece by piece, so that one never takes more than this beside the heap itself. */
const RUN_BYTES_MAX = 1 << 20;

export interface GatheredText {
  /** Lengths of rows `from` .. `to`, 0 where NULL. */
  readonly lengths: Int32Array;
  readonly heap: Uint8Array<ArrayBuffer>;
}

/** Adds the length of every value to `into`; nothing where NULL, whose reference must not be believed. */
export function addLengths(
  references: Uint8Array,
  validity: Uint8Array | null,
  rowCount: number,
  into: Float64Array,
): void {
  const words = new Uint32Array(references.buffer, references.byteOffset, rowCount * 4);
  for (let i = 0; i < rowCount; i++) if (isValid(validity, i)) into[i] += words[i * 4];
}

/** The bytes of rows `from` to `to` (exclusive), which must come to less than 2^31. */
export function gatherStrings(
  references: Uint8Array<ArrayBuffer>,
  validity: Uint8Array | null,
  from: number,
  to: number,
): GatheredText {
  const words = new Uint32Array(references.buffer);
  const lengths = new Int32Array(to - from);
  let bytes = 0;
  for (let i = from; i < to; i++) {
    if (!isValid(validity, i)) continue;
    lengths[i - from] = words[i * 4];
    bytes += words[i * 4];
  }
  if (to - from === 1 && bytes > INLINE_BYTES_MAX) {
    return { lengths, heap: readRun(references, from, bytes) };
  }
  const heap = new Uint8Array(bytes);
  const into = byteWindow(heap);
  for (let i = from, at = 0; i < to; ) {
    if (lengths[i - from] <= INLINE_BYTES_MAX) {
      copyInline(references, i, lengths[i - from], heap, at);
      at += lengths[i++ - from];
      continue;
    }
    // A run: long values that lie end to end; inline ones may stand between them in the rows.
    const first = i;
    let runBytes = lengths[i - from];
    let end = pointerAt(words, i) + runBytes;
    let afterLong = ++i;
    let mixed = false;
    for (; i < to; i++) {
      const length = lengths[i - from];
      if (length <= INLINE_BYTES_MAX) continue;
      if (pointerAt(words, i) !== end || runBytes + length > RUN_BYTES_MAX) break;
      if (i !== afterLong) mixed = true;
      runBytes += length;
      end += length;
      afterLong = i + 1;
    }
    i = afterLong;
    const run = readRun(references, first, runBytes);
    if (!mixed) {
      heap.set(run, at);
      releaseBuffers([run.buffer]);
      at += runBytes;
      continue;
    }
    const window = byteWindow(run);
    for (let row = first, read = 0; row < i; row++) {
      const length = lengths[row - from];
      if (length <= INLINE_BYTES_MAX) copyInline(references, row, length, heap, at);
      else {
        copyValue(window, read, length, into, at);
        read += length;
      }
      at += length;
    }
    releaseBuffers([run.buffer]);
  }
  return { lengths, heap };
}

function copyInline(references: Uint8Array, row: number, length: number, heap: Uint8Array, at: number): void {
  const start = row * REFERENCE_BYTES + 4;
  for (let byte = 0; byte < length; byte++) heap[at + byte] = references[start + byte];
}

function readRun(references: Uint8Array<ArrayBuffer>, row: number, bytes: number): Uint8Array<ArrayBuffer> {
  return ownBytes(duckdb.get_data_from_pointer(references.buffer, row * REFERENCE_BYTES + 8, bytes));
}

/** Addresses have 48 bits, so a double holds them exactly. */
function pointerAt(words: Uint32Array, row: number): number {
  return words[row * 4 + 3] * 2 ** 32 + words[row * 4 + 2];
}
