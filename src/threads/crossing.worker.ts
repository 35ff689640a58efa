// Crossing worker: chunk -> decode -> coerce (-> digest) -> encode -> chunk, in one task. Holds no connection and no state
// between chunks but compiled crossings. Loads codecs, never a driver.
import { move } from 'piscina';
import type { Batch } from '../batch/batch.ts';
import { type ChunkPayload, releaseBuffers, transferList } from '../batch/chunk.ts';
import { collectBuffers } from '../batch/column.ts';
import { cellText } from '../coerce/cell-text.ts';
import { type CrossedBatch, compileCrossing } from '../coerce/compile.ts';
import { CODECS } from '../dialect/codecs.ts';
import { digestBatch } from '../digest/digest.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Crossed, CrossingSpec, CrossingTask, Outcome } from './messages.ts';
import { transferable } from './transferable.ts';

type Compiled = ReturnType<typeof compileCrossing>;

/** Compiled crossings by id; a run has one per table, so this stays small. */
const compiled = new Map<string, Compiled>();
const COMPILED_MAX = 256;

function compiledFor(spec: CrossingSpec): Compiled {
  let crossing = compiled.get(spec.id);
  if (!crossing) {
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    crossing = compileCrossing(spec.columns, spec.keyColumns);
    compiled.set(spec.id, crossing);
  }
  return crossing;
}

function encode(spec: CrossingSpec, batch: Batch): ChunkPayload {
  if (spec.target === null) return { form: 'columns', columns: batch.columns };
  return CODECS[spec.target].encode(batch, spec.form);
}

/** Frees what came in and what was decoded from it, but for the buffers that leave. */
function releaseRest(payload: ChunkPayload, decoded: Batch, leaving: readonly ArrayBuffer[]): void {
  const used = transferList(payload);
  for (const column of decoded.columns) collectBuffers(column, used);
  const kept = new Set(leaving);
  releaseBuffers(used.filter((buffer) => !kept.has(buffer)));
}

/** A chunk with refused values is never written, so it isn't encoded either. */
function payloadOf({ spec, gives }: CrossingTask, crossed: CrossedBatch): ChunkPayload {
  if (gives === 'digest' || crossed.refusedCount > 0) return { form: 'columns', columns: [] };
  return encode(spec, crossed.batch);
}

/** Every step is identity, and what the cells hold may be nothing that decodes: their bytes alone are digested. */
function crossRaw({ spec, rowCount, payload, gives }: CrossingTask): Outcome<Crossed> {
  const started = performance.now();
  const digest = CODECS[spec.source].digestCells?.(payload, rowCount, spec.digest ?? []) ?? null;
  const seconds = { decode: 0, coerce: (performance.now() - started) / 1000, encode: 0 };
  const given: ChunkPayload = gives === 'untouched' ? payload : { form: 'columns', columns: [] };
  if (given !== payload) releaseBuffers(transferList(payload));
  const value: Crossed = { payload: given, digest, refused: [], refusedCount: 0, uses: [], seconds };
  return move(transferable({ value }, transferList(given))) as unknown as Outcome<Crossed>;
}

/** The task. Named, since Piscina would else want a default export. */
export function cross(task: CrossingTask): Outcome<Crossed> {
  try {
    const { spec, rowCount, payload } = task;
    if (spec.rawCells) return crossRaw(task);
    const started = performance.now();
    const fields = spec.columns.map((column) => ({ name: column.name, type: column.read }));
    const decoded = CODECS[spec.source].decode(payload, rowCount, fields);
    const coercing = performance.now();
    const crossed = compiledFor(spec)(decoded);
    const { refused, refusedCount, uses } = crossed;
    const digest = spec.digest && refusedCount === 0 ? digestBatch(crossed.batch, spec.digest) : null;
    const encoding = performance.now();
    const encoded = payloadOf(task, crossed);
    const seconds = {
      decode: (coercing - started) / 1000,
      coerce: (encoding - coercing) / 1000,
      encode: (performance.now() - encoding) / 1000,
    };
    const value: Crossed = { payload: encoded, digest, refused, refusedCount, uses, seconds };
    const leaving = transferList(encoded);
    releaseRest(payload, decoded, leaving);
    return move(transferable({ value }, leaving)) as unknown as Outcome<Crossed>;
  } catch (error) {
    return { error: withKey(FerrowError.from(error), task).toWire() };
  }
}

/**
 * A decoder knows a bad cell by its row's number in the chunk. The row's key is read in a second go that leaves all
 * other columns as bytes.
 */
function withKey(error: FerrowError, { spec, rowCount, payload }: CrossingTask): FerrowError {
  const { columns, keyColumns, source } = spec;
  const row = Number(error.place.row?.['#'] ?? Number.NaN);
  if (!Number.isInteger(row) || keyColumns.length === 0 || error.code === 'E_CORRUPT') return error;
  const fields = columns.map(({ name, read }, at) => ({
    name,
    type: keyColumns.includes(at) ? read : ({ kind: 'binary' } as const),
  }));
  try {
    const batch = CODECS[source].decode(payload, rowCount, fields);
    const key = keyColumns.map((at) => [columns[at].name, cellText(batch.columns[at], row) ?? 'NULL']);
    const { value, hint, cause, place } = error;
    return new FerrowError(error.code, error.message, {
      ...place,
      row: Object.fromEntries(key),
      value,
      hint,
      cause,
    });
  } catch {
    // The key itself can't be read; the number stays.
    return error;
  }
}
