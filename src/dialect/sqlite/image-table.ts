// Whether a staging table takes the records of an image as they are, asked of SQLite itself. Engine thread.
//
// SQLite moves records without looking at them between two tables of one definition ("transfer optimization", insert.c):
// it checks neither types nor NOT NULL, which is why codec/verbatim.ts does. Where an index hangs on the table it only
// does so while that is empty.
import type { Database } from 'better-sqlite3';
import type { ImageColumn, ImageTable } from '../../batch/chunk.ts';
import type { TableLoad } from '../dialect.ts';
import { affinityOf } from './affinity.ts';
import { IMAGE_SQL_BYTES_MAX } from './codec/page-encode.ts';

/** Its length stands in one byte of the image's schema. */
const NAME_BYTES_MAX = 50;

interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
  /** 0 but for generated columns. */
  readonly hidden: number;
}

/** The staging table as it stands; null where its rows must go through SQLite's checks. */
export function imageTable(db: Database, { staging: { name }, columns }: TableLoad): ImageTable | null {
  const facts = db
    .prepare<[string], { sql: string; wr: number; strict: number }>(
      `SELECT s.sql, l.wr, l.strict FROM main.sqlite_schema s JOIN pragma_table_list(s.name) l ON l.schema = 'main'
       WHERE s.type = 'table' AND s.name = ?`,
    )
    .get(name);
  if (facts?.wr !== 0) return null;
  if (Buffer.byteLength(facts.sql) > IMAGE_SQL_BYTES_MAX || Buffer.byteLength(name) > NAME_BYTES_MAX)
    return null;
  // Only the key of a table without rowid, or of several columns, has an index of its own.
  if (db.prepare('SELECT 1 FROM pragma_index_list(?)').get(name) !== undefined) return null;
  const found = db.prepare<[string], ColumnInfo>('SELECT * FROM pragma_table_xinfo(?)').all(name);
  const written = columns.map((column) => column.name);
  const same = found.length === written.length && found.every(({ name: own }, at) => own === written[at]);
  if (!same || found.some(({ hidden }) => hidden !== 0)) return null;
  const rowid = found.findIndex(({ pk }) => pk !== 0);
  return {
    name,
    sql: facts.sql,
    columns: found.map((column) => imageColumn(column, facts.strict !== 0)),
    rowid: rowid < 0 ? null : rowid,
  };
}

function imageColumn({ type, notnull }: ColumnInfo, strictTable: boolean): ImageColumn {
  const any = strictTable && type.toUpperCase() === 'ANY';
  return {
    affinity: any ? 'blob' : affinityOf(type),
    strict: strictTable && !any,
    nullable: notnull === 0,
  };
}
