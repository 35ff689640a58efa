// What SQLite itself says of columns: counts, extremes, sums, bytes. A range of rowids at a time, so that whoever else wants
// something of the file need not wait for the whole table. Engine thread.
import { setImmediate } from 'node:timers/promises';
import type { TableSchema } from '../../types/schema.ts';
import { type ColumnFigures, type ColumnMeasure, MEASURED_COLUMNS_MAX } from '../reads.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { checkWhere } from './handle.ts';
import { type RowRange, rowidName, rowidSpan, WHOLE } from './row-pages.ts';
import { quote } from './sql-names.ts';

type Row = (string | null)[];

/** Ranges of a table whose rowids have no gaps take some milliseconds each. */
const RANGE_ROWIDS = 16_384n;
/** Of rowids far apart most ranges are empty. */
const RANGES_MAX = 256n;

/** @param stop throws when the work is no longer wanted */
export async function measure(
  connection: Connection,
  table: TableSchema,
  columns: readonly ColumnMeasure[],
  where: string | null,
  stop: () => void = () => {},
): Promise<ColumnFigures[]> {
  checkWhere(connection, table, where);
  const sums = columns.map(() => new FigureSum());
  const ranges = rangesOf(connection, table);
  for (let first = 0; first < columns.length; first += MEASURED_COLUMNS_MAX) {
    const some = columns.slice(first, first + MEASURED_COLUMNS_MAX);
    const expressions = some.flatMap((column) => expressionsOf(column, connection.utf8));
    for (const range of ranges) {
      const sql = `SELECT ${expressions.join(', ')} FROM ${quote(table.name)}${conditionOf(table, where, range)}`;
      const row = readRow(connection, sql, table.name);
      some.forEach((_, at) => {
        sums[first + at].add(row.slice(at * 5, at * 5 + 5));
      });
      await setImmediate();
      stop();
    }
  }
  return sums.map((sum) => sum.figures);
}

function rangesOf(connection: Connection, table: TableSchema): RowRange[] {
  const span = rowidSpan(connection, table);
  if (span === null) return [WHOLE];
  const width = span.to - span.from + 1n;
  const wanted = width / RANGE_ROWIDS + 1n;
  const count = wanted < RANGES_MAX ? wanted : RANGES_MAX;
  return Array.from({ length: Number(count) }, (_, at) => ({
    from: span.from + (width * BigInt(at)) / count,
    to: span.from + (width * BigInt(at + 1)) / count - 1n,
  }));
}

function conditionOf(table: TableSchema, where: string | null, range: RowRange): string {
  const parts = where === null ? [] : [`(${where}\n)`];
  const rowid = rowidName(table);
  if (range !== WHOLE && rowid !== null) parts.push(`${rowid} BETWEEN ${range.from} AND ${range.to}`);
  return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`;
}

function readRow({ db }: Connection, sql: string, table: string): Row {
  try {
    return db.prepare<[], Row>(sql).raw().get() ?? [];
  } catch (error) {
    throw sqliteError(error, 'read', { table });
  }
}

/** Figures of one column, over all ranges. */
class FigureSum {
  #present = 0n;
  #min: bigint | null = null;
  #max: bigint | null = null;
  #total: bigint | null = null;

  add([present, min, max, high, low]: Row): void {
    this.#present += BigInt(present ?? 0);
    if (min !== null && (this.#min === null || BigInt(min) < this.#min)) this.#min = BigInt(min);
    if (max !== null && (this.#max === null || BigInt(max) > this.#max)) this.#max = BigInt(max);
    if (high !== null || low !== null)
      this.#total = (this.#total ?? 0n) + (BigInt(high ?? 0) << 32n) + BigInt(low ?? 0);
  }

  get figures(): ColumnFigures {
    const text = (figure: bigint | null) => figure?.toString() ?? null;
    return {
      present: this.#present.toString(),
      min: text(this.#min),
      max: text(this.#max),
      total: text(this.#total),
    };
  }
}

/** The largest prime of 32 bits. */
const MODULUS = 4_294_967_291;

/** How many, the smallest, the largest, and the total as its upper and its lower half: a sum of 64-bit integers is more than that. */
function expressionsOf({ name, of }: ColumnMeasure, utf8: boolean): string[] {
  const column = quote(name);
  const text = (sql: string) => `CAST(${sql} AS TEXT)`;
  const present = text(`count(${column})`);
  if (of === 'integers') {
    const halves = [`sum(${column} >> 32)`, `sum(${column} & 4294967295)`];
    return [present, ...[`min(${column}) & -1`, `max(${column}) & -1`, ...halves].map(text)];
  }
  if (of === 'any') {
    // SQLite puts numbers before texts and texts before bytes. One aggregate, since each costs as much as reading the column;
    // remainders of integers by a prime miss no change of one value. Of a real that is its whole part.
    const bytes = utf8 ? `octet_length(${column})` : 'NULL';
    const low = `CASE WHEN ${column} < '' THEN (${column} & -1) % ${MODULUS} ELSE ${bytes} END`;
    return [present, 'NULL', 'NULL', 'NULL', text(`sum(${low})`)];
  }
  // In a file of UTF-16 a text has other bytes than elsewhere.
  const bytes = of === 'bytes' || (of === 'text' && utf8);
  return [present, 'NULL', 'NULL', 'NULL', bytes ? text(`sum(octet_length(${column}))`) : 'NULL'];
}
