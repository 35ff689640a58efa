// A task of the crossing workers: a chunk of a table that is compared -> its digest by buckets, or the rows of some buckets.
// No value is looked at beyond its hash.
import { move } from 'piscina';
import type { Batch } from '../batch/batch.ts';
import { isValid } from '../batch/bitmap.ts';
import { releaseBuffers, transferList } from '../batch/chunk.ts';
import { collectBuffers } from '../batch/column.ts';
import { cellText } from '../coerce/cell-text.ts';
import { compileCrossing } from '../coerce/compile.ts';
import type { ColumnCrossing } from '../coerce/kernel.ts';
import { CODECS } from '../dialect/codecs.ts';
import { bucketsOf } from '../digest/buckets.ts';
import { digestOf } from '../digest/digest.ts';
import { keepRows, type UnheldValue } from '../digest/kept-rows.ts';
import { hashRows } from '../digest/row-hash.ts';
import { cutValue, FerrowError } from '../errors/ferrow-error.ts';
import type { Outcome, RowsFound, RowsTask } from './messages.ts';
import { transferable } from './transferable.ts';

const compiled = new Map<string, ReturnType<typeof compileCrossing>>();
const COMPILED_MAX = 256;

function compiledFor({ id, columns, keyColumns }: RowsTask): ReturnType<typeof compileCrossing> {
  const known = compiled.get(id);
  if (known) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const made = compileCrossing(columns, keyColumns);
  compiled.set(id, made);
  return made;
}

/** Values that came and are NULL now, but for those that a policy may have made so. */
function unheldOf(
  columns: readonly ColumnCrossing[],
  decoded: Batch,
  { columns: crossed }: Batch,
  row: number,
): UnheldValue[] {
  return columns.flatMap(({ policies }, column) => {
    if (Object.keys(policies).length > 0 || isValid(crossed[column].validity, row)) return [];
    const text = cellText(decoded.columns[column], row);
    return text === null ? [] : [{ column, text: cutValue(text) }];
  });
}

export function rows(task: RowsTask): Outcome<RowsFound> {
  try {
    const { source, columns, digest, keyColumns, keep, rowCount, payload } = task;
    const fields = columns.map((column) => ({ name: column.name, type: column.read }));
    const decoded = CODECS[source].decode(payload, rowCount, fields);
    const { batch, refusedRows } = compiledFor(task)(decoded);
    const broken = new Set(refusedRows);
    const hashes = hashRows(batch, digest, keyColumns, [...broken]);
    const leaving: ArrayBuffer[] = [];
    let value: RowsFound;
    if (keep === null) {
      const buckets = bucketsOf(hashes);
      leaving.push(buckets.counts.buffer, buckets.a.buffer, buckets.b.buffer);
      value = { digest: digestOf(hashes), buckets };
    } else {
      const keys = keyColumns.map((at) => decoded.columns[at]);
      const kept = keepRows(batch, hashes, keep, keys, {
        rows: broken,
        isKept: !task.wholeOnly,
        valuesOf: (row) => unheldOf(columns, decoded, batch, row),
      });
      leaving.push(kept.hashes.buffer, ...(kept.counts ? [kept.counts.buffer] : []));
      for (const column of [...kept.columns, ...kept.keys]) collectBuffers(column, leaving);
      value = { kept };
    }
    const used = transferList(payload);
    for (const column of [...decoded.columns, ...batch.columns]) collectBuffers(column, used);
    const moved = new Set(leaving);
    releaseBuffers(used.filter((buffer) => !moved.has(buffer)));
    return move(transferable({ value }, [...moved])) as unknown as Outcome<RowsFound>;
  } catch (error) {
    return { error: FerrowError.from(error).toWire() };
  }
}
