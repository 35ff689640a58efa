// Text and blobs of a chunk -> the 16-byte references of a DuckDB vector, as string-gather draws them. Engine thread.
//
// The driver has a call for one value (0.3 us). In bulk the bytes of all values are assigned as if they were one value:
// DuckDB copies them into memory that lives as long as the vector, and the reference that it makes tells where that is.
// The references of the values are then written here, 5 to 10 ns each. This leans on the layout of references, so it is
// compared with the driver's call before it is used.
import duckdb, { type Vector } from '@duckdb/node-bindings';
import type { VectorColumn } from '../../batch/chunk.ts';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { VECTOR_ROWS } from './codec/layout.ts';
import { gatherStrings, INLINE_BYTES_MAX, REFERENCE_BYTES } from './string-gather.ts';
import { vectorBytes } from './vector-bytes.ts';

/** Writes values `from` to `from + rows` of a checked column into the first places of a vector. */
export type FillText = (vector: Vector, column: VectorColumn, from: number, rows: number) => void;

const NO_REFERENCE = new Uint8Array(REFERENCE_BYTES);

/** The way to fill that this driver allows: in bulk where that gives what the plain way does. */
export function textFiller(plainIo: boolean): FillText {
  if (plainIo) return fillTextPlainly;
  bulkAgrees ??= agree();
  return bulkAgrees ? fillTextInBulk : fillTextPlainly;
}

/** A call for each value. @throws FerrowError E_INVALID_UTF8 */
export function fillTextPlainly(vector: Vector, column: VectorColumn, from: number, rows: number): void {
  const { data } = column;
  const offsets = column.offsets!;
  const lengths = new Uint32Array(rows * 4);
  for (let i = 0; i < rows; i++) {
    const value = data.subarray(offsets[from + i], offsets[from + i + 1]);
    duckdb.vector_assign_string_element_len(vector, i, value);
    lengths[i * 4] = value.length;
  }
  // What is no UTF-8 is not refused but left empty.
  const words = new Uint32Array(vectorBytes(vector, rows * REFERENCE_BYTES).buffer);
  for (let at = 0; at < lengths.length; at += 4) if (words[at] !== lengths[at]) throw invalidUtf8();
}

const references = new Uint8Array(VECTOR_ROWS * REFERENCE_BYTES);
const words = new Uint32Array(references.buffer);

/** @throws FerrowError E_INVALID_UTF8 where some value is longer than fits into its reference */
export function fillTextInBulk(vector: Vector, column: VectorColumn, from: number, rows: number): void {
  const { data } = column;
  const offsets = column.offsets!;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const heap = data.subarray(offsets[from], offsets[from + rows]);
  const held = hasLong(offsets, from, rows) ? holdHeap(vector, heap) : null;
  // Elements of lists may be more than a vector's rows: their references are made a piece at a time.
  for (let done = 0; done < rows; done += VECTOR_ROWS) {
    const count = Math.min(VECTOR_ROWS, rows - done);
    writeReferences(offsets, from + done, count, view, held, offsets[from]);
    duckdb.copy_data_to_vector(vector, done * REFERENCE_BYTES, references.buffer, 0, count * REFERENCE_BYTES);
  }
}

function hasLong(offsets: Int32Array, from: number, rows: number): boolean {
  for (let i = from; i < from + rows; i++) if (offsets[i + 1] - offsets[i] > INLINE_BYTES_MAX) return true;
  return false;
}

/** Where the bytes of all values lie: an address in two words, since it has 48 bits. */
interface HeldHeap {
  readonly low: number;
  readonly high: number;
  /** DuckDB found the bytes as a whole to be UTF-8. */
  readonly isUtf8: boolean;
}

/** The bytes as one value in the vector's first place, which its own reference takes afterwards. */
function holdHeap(vector: Vector, heap: Uint8Array): HeldHeap {
  // What is no UTF-8 is not refused but leaves the place as it is.
  duckdb.copy_data_to_vector(vector, 0, NO_REFERENCE.buffer, 0, REFERENCE_BYTES);
  duckdb.vector_assign_string_element_len(vector, 0, heap);
  const [length, , low, high] = new Uint32Array(vectorBytes(vector, REFERENCE_BYTES).buffer);
  if (length !== heap.length) throw invalidUtf8();
  return {
    low,
    high,
    isUtf8: duckdb.get_type_id(duckdb.vector_get_column_type(vector)) === duckdb.Type.VARCHAR,
  };
}

/** Bytes of the words of a value of so many bytes: what lies behind them is not its own. */
const MASKS = [0, 4, 8].map((start) =>
  Uint32Array.from({ length: INLINE_BYTES_MAX + 1 }, (_, length) => {
    const bytes = Math.max(0, Math.min(4, length - start));
    return bytes === 4 ? 0xffffffff : 2 ** (8 * bytes) - 1;
  }),
);

function writeReferences(
  offsets: Int32Array,
  from: number,
  rows: number,
  view: DataView,
  held: HeldHeap | null,
  heapStart: number,
): void {
  const [first, second, third] = MASKS;
  // A value of text that begins inside a character is not UTF-8, though all of them together are.
  const isUtf8 = held?.isUtf8 === true;
  const insideMax = view.byteLength - INLINE_BYTES_MAX;
  for (let i = 0, at = 0; i < rows; i++, at += 4) {
    const start = offsets[from + i];
    const length = offsets[from + i + 1] - start;
    words[at] = length;
    if (length > INLINE_BYTES_MAX) {
      const address = held!.low + (start - heapStart);
      words[at + 1] = view.getUint32(start, true);
      words[at + 2] = address;
      words[at + 3] = address < 2 ** 32 ? held!.high : held!.high + 1;
    } else if (start <= insideMax) {
      words[at + 1] = view.getUint32(start, true) & first[length];
      words[at + 2] = view.getUint32(start + 4, true) & second[length];
      words[at + 3] = view.getUint32(start + 8, true) & third[length];
    } else {
      words.fill(0, at + 1, at + 4);
      for (let byte = 0; byte < length; byte++) references[at * 4 + 4 + byte] = view.getUint8(start + byte);
    }
    if (isUtf8 && (words[at + 1] & 0xc0) === 0x80) throw invalidUtf8();
  }
}

function invalidUtf8(): FerrowError {
  return new FerrowError('E_INVALID_UTF8', 'the text for DuckDB is not valid UTF-8', { dialect: 'duckdb' });
}

let bulkAgrees: boolean | null = null;

/** Both ways with values of every length up to 40, the short ones before and behind the long ones. */
function agree(): boolean {
  const lengths = [0, 3, 12, ...Array.from({ length: 41 }, (_, length) => length), 12, 1, 0];
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, at) => {
    offsets[at + 1] = offsets[at] + length;
  });
  const data = new Uint8Array(offsets[lengths.length]).map((_, at) => 33 + (at % 90));
  const column: VectorColumn = { data, offsets, validity: null, children: null };
  const chunk = duckdb.create_data_chunk([duckdb.create_logical_type(duckdb.Type.VARCHAR)]);
  const vector = duckdb.data_chunk_get_vector(chunk, 0);
  const [plain, bulk] = [fillTextPlainly, fillTextInBulk].map((fill) => {
    fill(vector, column, 0, lengths.length);
    const filled = vectorBytes(vector, lengths.length * REFERENCE_BYTES);
    return { filled, text: gatherStrings(filled, null, 0, lengths.length) };
  });
  const places = (one: typeof plain) => [
    ...one.text.lengths,
    ...one.text.heap,
    ...lengths.flatMap((length, i) => {
      const at = i * REFERENCE_BYTES;
      return [...one.filled.subarray(at, at + (length > INLINE_BYTES_MAX ? 8 : REFERENCE_BYTES))];
    }),
  ];
  const expected = places(plain);
  return places(bulk).every((byte, at) => byte === expected[at]);
}
