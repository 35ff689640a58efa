// The parts of a crossing that go on without rows which can't be held: values that decoding can't read as their type, and rows
// that encoding refuses. Crossing workers; pure. Costs nothing as long as no value is refused.
import type { Batch, Field } from '../batch/batch.ts';
import type { ChunkPayload } from '../batch/chunk.ts';
import { takeRows } from '../batch/take.ts';
import type { Cross, CrossedBatch } from '../coerce/compile.ts';
import type { Loss } from '../coerce/kernel.ts';
import { rawValue } from '../coerce/raw-value.ts';
import { CODECS } from '../dialect/codecs.ts';
import type { BadCell } from '../dialect/dialect.ts';
import { codeFacts } from '../errors/codes.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { CrossingSpec, CrossingTask } from './messages.ts';

/** The batch without its first `count` rows. */
export function withoutFirst(batch: Batch, count: number): Batch {
  if (count === 0) return batch;
  const rows = Int32Array.from({ length: batch.rowCount - count }, (_, at) => count + at);
  const columns = batch.columns.map((column) => takeRows(column, rows));
  return { ...batch, columns, rowCount: rows.length };
}

/** Decodes; values that can't be read as their column's type are NULL, and losses. */
export function decodeLeavingOut(
  { spec, rowCount, payload, skipRows = 0 }: CrossingTask,
  fields: readonly Field[],
): { readonly decoded: Batch; readonly bad: readonly Loss[] } {
  const codec = CODECS[spec.source];
  const rows = skipRows + rowCount;
  const bad: BadCell[] = [];
  const decoded = withoutFirst(
    codec.decode(payload, rows, fields, (cell) => bad.push(cell)),
    skipRows,
  );
  if (bad.length === 0) return { decoded, bad: [] };
  const columns = new Set(bad.map((cell) => cell.column));
  // As what holds any value of that engine.
  const kind = payload.form === 'pages' ? 'any' : 'binary';
  const untyped = fields.map((field, at) =>
    columns.has(at) ? { ...field, type: { kind } as const } : field,
  );
  const raw = codec.decode(payload, rows, untyped, () => {});
  const losses = bad
    .filter(({ row }) => row >= skipRows)
    .map((cell) => ({
      ...cell,
      row: cell.row - skipRows,
      value: '',
      raw: rawValue(raw.columns[cell.column], cell.row),
    }));
  return { decoded, bad: losses };
}

/** Encodes what was crossed; where that refuses rows, crosses once more without them. */
export function encodeLeavingOut(
  spec: CrossingSpec,
  cross: Cross,
  decoded: Batch,
  bad: readonly Loss[],
  first: CrossedBatch,
  encode: (batch: Batch) => ChunkPayload,
): { readonly crossed: CrossedBatch; readonly payload: ChunkPayload } {
  try {
    return { crossed: first, payload: encode(first.batch) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const refused = new Map<number, FerrowError>();
    findRefused(first.batch, 0, first.batch.rowCount, encode, refused);
    // It was not for a row: the chunk as a whole is too large.
    if (refused.size === 0) throw error;
    const rows = rowsLeft(decoded.rowCount, first);
    const losses = [...refused].map(([row, reason]) => lossOf(spec, rows[row], reason));
    const crossed = cross(decoded, [...bad, ...losses]);
    return { crossed, payload: encode(crossed.batch) };
  }
}

function isRefusal(error: unknown): error is FerrowError {
  return error instanceof FerrowError && codeFacts(error.code).kind === 'value';
}

/** By halves: an encoder says that a column is wrong, but not in which rows. */
function findRefused(
  batch: Batch,
  from: number,
  to: number,
  encode: (batch: Batch) => ChunkPayload,
  found: Map<number, FerrowError>,
): void {
  const rows = Int32Array.from({ length: to - from }, (_, at) => from + at);
  try {
    encode({
      ...batch,
      columns: batch.columns.map((column) => takeRows(column, rows)),
      rowCount: rows.length,
    });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (rows.length === 1) found.set(from, error);
    else {
      const middle = (from + to) >> 1;
      findRefused(batch, from, middle, encode, found);
      findRefused(batch, middle, to, encode, found);
    }
  }
}

/** Which rows of what was decoded the crossed rows are. */
function rowsLeft(rowCount: number, { rejects }: CrossedBatch): number[] {
  const gone = new Set(rejects.map(({ row }) => row - 1));
  return Array.from({ length: rowCount }, (_, row) => row).filter((row) => !gone.has(row));
}

function lossOf(spec: CrossingSpec, row: number, error: FerrowError): Loss {
  const name = error.place.column;
  const column = spec.columns.findIndex((each) => each.name === name);
  return { row, column, code: error.code, value: '', message: plainReason(error) };
}

/** Encoders say the column, and the row within what they were given. */
function plainReason({ message, place }: FerrowError): string {
  const { column = '' } = place;
  const prefixes = [`column "${column}", row 0 of the chunk: `, `column "${column}": `, `column ${column}: `];
  const prefix = prefixes.find((each) => message.startsWith(each)) ?? '';
  return message.slice(prefix.length);
}
