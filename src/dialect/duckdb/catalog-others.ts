// What stands beside tables and views and is not carried: each is listed by name. Engine thread.
import type { OtherObject } from '../../types/schema.ts';
import type { Sequences } from './catalog-sequences.ts';
import type { Link } from './connect.ts';
import { type Row, rows, text, textOrNull } from './query.ts';

export async function readOthers(
  link: Link,
  where: string,
  values: readonly string[],
  sequenceRows: readonly Row[],
  sequences: Sequences,
): Promise<OtherObject[]> {
  const others: OtherObject[] = [];
  const add = (kind: OtherObject['kind'], row: Row, name: string, definition: string | null) =>
    others.push({ schema: text(row.schema_name), name, kind, table: null, definition });
  for (const row of sequenceRows) {
    const name = text(row.sequence_name);
    if (!sequences.isUsed({ schema: text(row.schema_name), name }))
      add('sequence', row, name, textOrNull(row.sql));
  }
  const types = await rows(
    link,
    `SELECT schema_name, type_name, logical_type FROM duckdb_types() WHERE ${where} AND NOT internal ORDER BY type_oid`,
    values,
  );
  for (const row of types) add('type', row, text(row.type_name), textOrNull(row.logical_type));
  const macros = await rows(
    link,
    `SELECT DISTINCT schema_name, function_name, macro_definition FROM duckdb_functions() WHERE ${where} AND NOT internal ORDER BY ALL`,
    values,
  );
  for (const row of macros) add('function', row, text(row.function_name), textOrNull(row.macro_definition));
  return others;
}
