// Looks into every value of the columns that are asked about, in one scan, so that the plan stands on facts.
// Engine thread; yields now and then so that an interrupt is heard.
import { setImmediate } from 'node:timers/promises';
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { ProbeRequest } from '../dialect.ts';
import type { Page } from './codec/cell.ts';
import { ColumnScan } from './codec/column-scan.ts';
import type { Connection } from './connect.ts';
import { sqliteError } from './errors.ts';
import { isWide, openPages, PAGE_BYTES_MAX, type RowPages, WHOLE } from './row-pages.ts';
import { quote } from './sql-names.ts';

const PAGE_ROWS = 2048;
/** A column takes up to three cells of a row of the result, which holds 2,000. */
const COLUMNS_MAX = 600;
const YIELD_MILLIS = 50;

/** `stop` throws when the scan shall end. @throws FerrowError */
export async function prescanTable(
  connection: Connection,
  request: ProbeRequest,
  widestRow: number,
  stop: () => void,
): Promise<ColumnEvidence[]> {
  const { table, where, columns } = request;
  if (columns.length > COLUMNS_MAX) {
    const first = { ...request, columns: columns.slice(0, COLUMNS_MAX) };
    const rest = { ...request, columns: columns.slice(COLUMNS_MAX) };
    const found = await prescanTable(connection, first, widestRow, stop);
    return [...found, ...(await prescanTable(connection, rest, widestRow, stop))];
  }
  // Blobs that may be large come as their beginning and their length.
  const wide = isWide(widestRow);
  const expressions = columns.map(({ name }) => {
    const column = quote(name);
    return wide
      ? `CASE typeof(${column}) WHEN 'blob' THEN substr(${column}, 1, 64) ELSE ${column} END`
      : column;
  });
  const names: (string | null)[] = columns.map(({ name }) => name);
  const jsonCells = columns.map(({ name, probes }) => {
    if (!probes.includes('json')) return -1;
    names.push(null);
    const column = quote(name);
    return expressions.push(`CASE typeof(${column}) WHEN 'text' THEN json_valid(${column}, 1) END`) - 1;
  });
  const lengthCells = columns.map(({ name }) => {
    if (!wide) return -1;
    names.push(null);
    const column = quote(name);
    return expressions.push(`CASE typeof(${column}) WHEN 'blob' THEN octet_length(${column}) END`) - 1;
  });
  let pages: RowPages | undefined;
  try {
    const opened = openPages(
      connection,
      { table, expressions, columns: names, where, range: WHOLE },
      widestRow,
    );
    pages = opened;
    const scans = columns.map(
      ({ probes }, at) =>
        new ColumnScan({ value: at, json: jsonCells[at], blobLength: lengthCells[at] }, probes, (row) =>
          opened.keyOf(row),
        ),
    );
    let until = performance.now() + YIELD_MILLIS;
    const next = () => opened.next(PAGE_ROWS, PAGE_BYTES_MAX);
    for (let page: Page | null = next(); page; page = next()) {
      for (const scan of scans) scan.add(page);
      if (performance.now() < until) continue;
      await setImmediate();
      stop();
      until = performance.now() + YIELD_MILLIS;
    }
    return scans.map((scan) => scan.finish());
  } catch (error) {
    throw sqliteError(error, 'read', { table: table.name });
  } finally {
    pages?.close();
  }
}
