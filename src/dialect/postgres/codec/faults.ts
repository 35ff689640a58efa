// Errors of the PostgreSQL codec, with the row counted from 0 within the chunk. Pure; any thread.
import type { Field } from '../../../batch/batch.ts';
import type { ErrorCode } from '../../../errors/codes.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';

/** A fault at one cell. `row` counts from 0 within the chunk and stands in `place.row['#']`. */
export function cellError(
  code: ErrorCode,
  field: Field,
  row: number,
  what: string,
  hint?: string,
): FerrowError {
  return new FerrowError(code, `column "${field.name}", row ${row} of the chunk: ${what}`, {
    dialect: 'postgres',
    column: field.name,
    row: { '#': String(row) },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Bytes of a chunk that make no sense as binary COPY rows. */
export function corrupt(what: string): FerrowError {
  return new FerrowError('E_CORRUPT', `PostgreSQL COPY data: ${what}`, { dialect: 'postgres' });
}

/** A fault at a value inside another one: told of the row of the chunk that holds it. Other errors as they are. */
export function inParentRow(error: unknown, field: Field, rowOf: (at: number) => number): unknown {
  if (!(error instanceof FerrowError)) return error;
  const inside = Number(error.place.row?.['#'] ?? Number.NaN);
  if (!Number.isInteger(inside)) return error;
  const prefix = `column "${field.name}", row ${inside} of the chunk: `;
  const what = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return cellError(error.code, field, rowOf(inside), what, error.hint);
}
