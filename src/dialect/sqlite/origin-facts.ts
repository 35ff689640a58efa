// What the way home to SQLite needs beside a column's declared type. Pure.
import { sameType } from '../../types/logical-type.ts';
import type { ReadType } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { storageOf } from './storage-classes.ts';
import { writeType } from './write-types.ts';

/** What of the values the declared type alone does not tell: their class, or the format of their dates. */
export function factsBeyond(
  column: ColumnSchema,
  { wire, logical }: ReadType,
): ReadType['originFacts'] | null {
  // Decimals come back by the declared type; numbers that were dates (sqlite_datetime) become its usual text.
  if (wire.kind === 'decimal' || wire.kind === 'timestamp') return null;
  const usual = writeType(column).wire;
  const storage = storageOf(wire);
  if (wire.kind === 'text' && wire.format) {
    const { separator, zone, fractionDigits } = wire.format;
    const digits = logical.kind === 'date' || fractionDigits === 0 ? 'shortest' : fractionDigits;
    const format = { separator, zone, fractionDigits: digits };
    return sameType({ kind: 'text', format }, usual) ? null : { storage, format };
  }
  const usualText = usual.kind === 'text' && usual.format === undefined;
  const expected = wire.kind === usual.kind && (usual.kind !== 'text' || usualText);
  return expected ? null : { storage };
}
