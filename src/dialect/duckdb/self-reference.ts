// Filling a table that refers to itself. DuckDB checks a foreign key against rows that earlier statements of
// the transaction inserted, not against those of the same statement, and it can't update such rows afterwards:
// so rows go in level by level, parents first. Engine thread.
import { hasRowid } from './chunk-source.ts';
import type { Link } from './connect.ts';
import { count, run } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { isSelfReference, type TableSpec } from './table-spec.ts';
import { anyNull } from './violations.ts';

/** Each level costs a scan of the table. */
const LEVELS_MAX = 64;

const PLACED = 'temp._ferrow_placed';

/**
 * Inserts all staged rows into the table, which is there.
 * @returns why it can't be done (then nothing is of use and the transaction must be rolled back), or null
 */
export async function fillByLevels(link: Link, spec: TableSpec, insert: string): Promise<string | null> {
  if (!hasRowid(spec.table))
    return 'its rows are told apart by rowid, and the table has a column of that name';
  const staging = quoteTable(spec.load.staging);
  const total = await count(link, `SELECT count(*) FROM ${staging}`);
  await run(link, `CREATE OR REPLACE TEMP TABLE _ferrow_placed (rid BIGINT, level INTEGER)`);
  try {
    let placed = 0;
    for (let level = 0; placed < total; level++) {
      if (level === LEVELS_MAX) {
        return `rows refer to each other more than ${LEVELS_MAX} levels deep, and DuckDB takes a level at a time`;
      }
      await run(
        link,
        `INSERT INTO ${PLACED} SELECT c.rowid, ${level} FROM ${staging} c WHERE NOT EXISTS (SELECT 1 FROM ${PLACED} d WHERE d.rid = c.rowid) AND ${ready(spec)}`,
      );
      const now = await count(link, `SELECT count(*) FROM ${PLACED}`);
      if (now === placed) {
        return `${total - placed} rows refer to themselves or to each other in a circle, which DuckDB can not insert`;
      }
      placed = now;
      await run(link, `${insert} c WHERE c.rowid IN (SELECT rid FROM ${PLACED} WHERE level = ${level})`);
    }
    return null;
  } finally {
    await run(link, `DROP TABLE IF EXISTS ${PLACED}`).catch(() => {});
  }
}

/** Rows whose every self-reference is NULL or points at a row that is in the table already. */
function ready(spec: TableSpec): string {
  const table = quoteTable(spec.table);
  const conditions = spec.table.foreignKeys
    .filter((key) => isSelfReference(spec.table, key))
    .map((key) => {
      const match = key.columns.map((name, at) => `p.${quote(key.referencedColumns[at])} = c.${quote(name)}`);
      return `(${anyNull(key.columns, 'c.')} OR EXISTS (SELECT 1 FROM ${table} p WHERE ${match.join(' AND ')}))`;
    });
  return conditions.join(' AND ');
}
