// What SQLite itself says of columns: counts, extremes, sums, bytes. Engine thread.
import type { TableName } from '../../types/schema.ts';
import { type ColumnFigures, type ColumnMeasure, MEASURED_COLUMNS_MAX } from '../reads.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { checkWhere } from './handle.ts';
import { quote } from './sql-names.ts';

type Row = (string | null)[];

export function measure(
  connection: Connection,
  table: TableName,
  columns: readonly ColumnMeasure[],
  where: string | null,
): ColumnFigures[] {
  checkWhere(connection, table, where);
  const condition = where === null ? '' : ` WHERE (${where}\n)`;
  const found: ColumnFigures[] = [];
  for (let from = 0; from < columns.length; from += MEASURED_COLUMNS_MAX) {
    const some = columns.slice(from, from + MEASURED_COLUMNS_MAX);
    const expressions = some.flatMap((column) => expressionsOf(column, connection.utf8));
    const sql = `SELECT ${expressions.join(', ')} FROM ${quote(table.name)}${condition}`;
    let row: Row;
    try {
      row = connection.db.prepare<[], Row>(sql).raw().get() ?? [];
    } catch (error) {
      throw sqliteError(error, 'read', { table: table.name });
    }
    some.forEach((_, at) => {
      const [present, min, max, total, low] = row.slice(at * 5, at * 5 + 5);
      found.push({ present: present ?? '0', min, max, total: low === null ? total : joined(total, low) });
    });
  }
  return found;
}

/** A sum of 64-bit integers is more than 64 bits: the upper and the lower halves are summed apart. */
function expressionsOf({ name, of }: ColumnMeasure, utf8: boolean): string[] {
  const column = quote(name);
  const text = (sql: string) => `CAST(${sql} AS TEXT)`;
  const present = text(`count(${column})`);
  if (of === 'integers') {
    const halves = [`sum(${column} >> 32)`, `sum(${column} & 4294967295)`];
    return [present, ...[`min(${column})`, `max(${column})`, ...halves].map(text)];
  }
  if (of === 'any') {
    const integer = `CASE typeof(${column}) WHEN 'integer' THEN ${column} END`;
    if (!utf8) return [present, text(`min(${integer})`), text(`max(${integer})`), 'NULL', 'NULL'];
    const low = `CASE typeof(${column}) WHEN 'integer' THEN ${column} & 4294967295 WHEN 'real' THEN 0 ELSE octet_length(${column}) END`;
    const figures = [`min(${integer})`, `max(${integer})`, `sum(${integer} >> 32)`, `sum(${low})`];
    return [present, ...figures.map(text)];
  }
  // In a file of UTF-16 a text has other bytes than elsewhere.
  const bytes = of === 'bytes' || (of === 'text' && utf8);
  return [present, 'NULL', 'NULL', bytes ? text(`sum(octet_length(${column}))`) : 'NULL', 'NULL'];
}

function joined(high: string | null, low: string): string {
  return ((BigInt(high ?? '0') << 32n) + BigInt(low)).toString();
}
