// Crossing worker: chunk -> decode -> coerce (-> digest) -> encode -> chunk, in one task. Holds no connection and no state
// between chunks but compiled crossings. Loads codecs, never a driver.
import { move } from 'piscina';
import type { Batch, Field } from '../batch/batch.ts';
import { type ChunkPayload, releaseBuffers, releasePayload, transferList } from '../batch/chunk.ts';
import { type Column, collectBuffers } from '../batch/column.ts';
import { cellText } from '../coerce/cell-text.ts';
import { type CrossedBatch, compileCrossing } from '../coerce/compile.ts';
import { describeCrossing } from '../coerce/rules.ts';
import { CODECS } from '../dialect/codecs.ts';
import { digestBatch } from '../digest/digest.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { decodeLeavingOut, encodeLeavingOut, withoutFirst } from './leave-out.ts';
import type { Crossed, CrossingSpec, CrossingTask, LookTask, Outcome } from './messages.ts';
import { transferable } from './transferable.ts';

export { rows } from './row-hashes.ts';

interface Compiled {
  readonly coerce: ReturnType<typeof compileCrossing>;
  /** No value is changed or looked at. */
  readonly identity: boolean;
}

/** Compiled crossings by id; a run has one per table, so this stays small. */
const compiled = new Map<string, Compiled>();
const COMPILED_MAX = 256;

function compiledFor(spec: CrossingSpec): Compiled {
  let crossing = compiled.get(spec.id);
  if (!crossing) {
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    const identity = spec.columns.every((column) => {
      const way = describeCrossing(column);
      return way.possible && way.identity;
    });
    crossing = { coerce: compileCrossing(spec.columns, spec.keyColumns, spec.leavesOut), identity };
    compiled.set(spec.id, crossing);
  }
  return crossing;
}

function encode(spec: CrossingSpec, batch: Batch): ChunkPayload {
  if (spec.target === null) return { form: 'columns', columns: batch.columns };
  return CODECS[spec.target].encode(batch, spec.form);
}

/** Frees what came in and the columns made of it, but for the buffers that leave. */
function outcome(payload: ChunkPayload, made: readonly Column[], value: Crossed): Outcome<Crossed> {
  const leaving = transferList(value.payload);
  const used = transferList(payload);
  for (const column of made) collectBuffers(column, used);
  const kept = new Set(leaving);
  releaseBuffers(used.filter((buffer) => !kept.has(buffer)));
  return move(transferable({ value }, leaving)) as unknown as Outcome<Crossed>;
}

const NOTHING_FOUND = { refused: [], refusedCount: 0, rejects: [], uses: [] };

/** What needs no columns, where the codec can: only a digest, or back to its own engine; null where they must be made. */
function carryOver(task: CrossingTask, fields: readonly Field[]): Outcome<Crossed> | null {
  const { spec, rowCount, payload, gives } = task;
  if (gives !== 'digest' && spec.source !== spec.target) return null;
  const started = performance.now();
  const codec = CODECS[spec.source];
  const digest = spec.digest ? codec.digestRows?.(payload, rowCount, fields, spec.digest) : null;
  if (spec.digest && !digest) return null;
  const digested = performance.now();
  const carried: ChunkPayload | null | undefined =
    gives === 'digest'
      ? { form: 'columns', columns: [] }
      : codec.carry?.(payload, rowCount, fields, spec.form);
  if (!carried) return null;
  const seconds = {
    decode: 0,
    coerce: (digested - started) / 1000,
    encode: (performance.now() - digested) / 1000,
  };
  return outcome(payload, [], { ...NOTHING_FOUND, payload: carried, digest: digest ?? null, seconds });
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
  const value: Crossed = { ...NOTHING_FOUND, payload: given, digest, seconds };
  return move(transferable({ value }, transferList(given))) as unknown as Outcome<Crossed>;
}

/** The task. Named, since Piscina would else want a default export. */
export function cross(wanted: CrossingTask): Outcome<Crossed> {
  const task = withoutDone(wanted);
  try {
    const { spec, rowCount, payload, skipRows = 0 } = task;
    if (spec.rawCells) return crossRaw(task);
    const started = performance.now();
    const fields = spec.columns.map((column) => ({ name: column.name, type: column.read }));
    const { coerce, identity } = compiledFor(spec);
    const carried = identity && skipRows === 0 ? carryOver(task, fields) : null;
    if (carried) return carried;
    const { decoded, bad } = spec.leavesOut
      ? decodeLeavingOut(task, fields)
      : {
          decoded: withoutFirst(CODECS[spec.source].decode(payload, skipRows + rowCount, fields), skipRows),
          bad: [],
        };
    const coercing = performance.now();
    const coerced = coerce(decoded, bad);
    const digestOf = ({ batch, refusedCount }: CrossedBatch) =>
      spec.digest && refusedCount === 0 ? digestBatch(batch, spec.digest) : null;
    const digested = digestOf(coerced);
    const encoding = performance.now();
    const { crossed, payload: encoded } = spec.leavesOut
      ? encodeLeavingOut(spec, coerce, decoded, bad, coerced, (batch) => encode(spec, batch))
      : { crossed: coerced, payload: payloadOf(task, coerced) };
    const digest = crossed === coerced ? digested : digestOf(crossed);
    const seconds = {
      decode: (coercing - started) / 1000,
      coerce: (encoding - coercing) / 1000,
      encode: (performance.now() - encoding) / 1000,
    };
    const { batch, refused, refusedCount, rejects, uses, kept } = crossed;
    const value: Crossed = { payload: encoded, digest, refused, refusedCount, rejects, uses, seconds };
    const used = [...decoded.columns, ...(kept?.columns ?? []), ...coerced.batch.columns, ...batch.columns];
    return outcome(payload, used, value);
  } catch (error) {
    return { error: withKey(FerrowError.from(error), task).toWire() };
  }
}

/** Rows that are committed are cut off as bytes, where the codec can: what passes untouched stays so. */
function withoutDone(task: CrossingTask): CrossingTask {
  const { spec, payload, skipRows } = task;
  const left = skipRows ? CODECS[spec.source].dropRows?.(payload, skipRows) : undefined;
  return left ? { ...task, payload: left, skipRows: 0 } : task;
}

/** The other task: a chunk of a prescan -> what its dialect's codec finds in it. */
export function look({ source, rowCount, payload, probes }: LookTask): Outcome<unknown> {
  try {
    const value = CODECS[source].look?.(payload, rowCount, probes);
    releasePayload(payload);
    return { value };
  } catch (error) {
    return { error: FerrowError.from(error).toWire() };
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
