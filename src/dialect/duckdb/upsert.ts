// Staged rows that may meet rows of the live table. DuckDB's ON CONFLICT tells no numbers apart, and where it sets a column
// with an index it deletes and inserts the row, which it won't do while another row refers to it: so rows that differ are
// set aside and updated, columns with indexes only where they change themselves. Part of the transaction that moves them.
// Engine thread.
import type { TableSchema } from '../../types/schema.ts';
import { appendCounts, doubledKey, nullInKey } from '../conflicts.ts';
import type { AppendCounts, OnConflict, TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { parseType } from './native-type.ts';
import { count, rows, run, text } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { arrivedColumn } from './staged-columns.ts';
import { isSelfReference } from './table-spec.ts';

const CHANGED = 'temp._ferrow_changed';

/** What is to be done beside the insert of rows that are new. */
export interface Meeting {
  readonly counts: AppendCounts;
  /** Before it: no new row refers yet to those that change. */
  update(): Promise<void>;
  /** After it: rows that change may refer to new ones. */
  updateReferences(): Promise<void>;
}

/**
 * Leaves only new rows in the staging table and sets the others aside, where they differ.
 * @throws FerrowError E_CONSTRAINT, E_NULL_IN_PRIMARY_KEY
 */
export async function setAside(
  link: Link,
  load: TableLoad,
  live: TableSchema,
  conflict: OnConflict,
): Promise<Meeting> {
  await refuseUnclear(link, load, conflict);
  const staging = quoteTable(load.staging);
  const total = await count(link, `SELECT count(*) FROM ${staging}`);
  const key = conflict.key
    .map((name) => `live.${quote(name)} = ${arrivedColumn(load, name, 'staged.')}`)
    .join(' AND ');
  const meets = `EXISTS (SELECT 1 FROM ${quoteTable(live)} AS live WHERE ${key})`;
  const met = await count(link, `SELECT count(*) FROM ${staging} AS staged WHERE ${meets}`);
  const others = load.columns.map(({ name }) => name).filter((name) => !conflict.key.includes(name));
  const differ = (names: readonly string[]) => names.map((name) => differs(load, live, name)).join(' OR ');
  const update = async (names: readonly string[], value: (name: string) => string, where: string) => {
    if (names.length === 0) return;
    const sets = names.map((name) => `${quote(name)} = ${value(name)}`).join(', ');
    const joined = `${key}${where === '' ? '' : ` AND (${where})`}`;
    await run(
      link,
      `UPDATE ${quoteTable(live)} AS live SET ${sets} FROM ${CHANGED} AS staged WHERE ${joined}`,
    );
  };
  const coming = (name: string) => arrivedColumn(load, name, 'staged.');
  let updated = 0;
  if (conflict.action === 'update' && others.length > 0 && met > 0) {
    await run(
      link,
      `CREATE OR REPLACE TEMP TABLE _ferrow_changed AS SELECT staged.* FROM ${staging} AS staged
      JOIN ${quoteTable(live)} AS live ON ${key} WHERE ${differ(others)}`,
    );
    updated = await count(link, `SELECT count(*) FROM ${CHANGED}`);
  }
  await run(link, `DELETE FROM ${staging} AS staged WHERE ${meets}`);
  const references = new Set(
    live.foreignKeys.filter((each) => isSelfReference(live, each)).flatMap(({ columns }) => columns),
  );
  const indexed = indexedColumns(live);
  return {
    counts: appendCounts(conflict, total, met, updated),
    update: async () => {
      if (updated === 0) return;
      const rewritten = others.filter((name) => indexed.has(name) || isNested(live, name));
      const inPlace = others.filter((name) => !rewritten.includes(name));
      // DuckDB passes over a value that equals what is there, and takes -0.0 and 0.0 for equal: another comes between.
      for (const name of inPlace.filter((each) => otherValue(live, each) !== null)) {
        const same = `live.${quote(name)} = ${coming(name)} AND ${differs(load, live, name)}`;
        await update([name], () => otherValue(live, name) ?? '', same);
      }
      await update(inPlace, coming, '');
      const before = rewritten.filter((name) => !references.has(name));
      await update(before, coming, differ(before));
    },
    updateReferences: async () => {
      if (updated === 0) return;
      const after = others.filter((name) => references.has(name));
      await update(after, coming, differ(after));
      await run(link, `DROP TABLE ${CHANGED}`);
    },
  };
}

/** A value that equals none that `=` takes for the same. */
function otherValue({ columns }: TableSchema, name: string): string | null {
  const type = parseType(columns.find((column) => column.name === name)?.nativeType ?? '');
  if (type?.kind !== 'plain') return null;
  if (type.name === 'INTERVAL') return `live.${quote(name)} + INTERVAL 1 DAY`;
  return type.name === 'DOUBLE' || type.name === 'FLOAT' ? '1' : null;
}

/** To DuckDB 1 month is 30 days, and -0.0 is 0.0; where `=` is not that exact, texts are compared. */
const EXACT =
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|BOOLEAN|DECIMAL|DATE|TIME|TIMESTAMP.*|UUID|VARCHAR|BLOB|BIT|BIGNUM)$/;

function differs(load: TableLoad, live: TableSchema, name: string): string {
  const column = live.columns.find((each) => each.name === name);
  const type = parseType(column?.nativeType ?? '');
  const [there, coming] = [`live.${quote(name)}`, arrivedColumn(load, name, 'staged.')];
  if (type?.kind === 'plain' && EXACT.test(type.name)) {
    if (column?.collation) return `CAST(${there} AS BLOB) IS DISTINCT FROM CAST(${coming} AS BLOB)`;
    return `${there} IS DISTINCT FROM ${coming}`;
  }
  return `CAST(${there} AS VARCHAR) IS DISTINCT FROM CAST(${coming} AS VARCHAR)`;
}

function indexedColumns({ uniques, indexes, foreignKeys }: TableSchema): Set<string> {
  const names = new Set([...uniques, ...foreignKeys].flatMap(({ columns }) => columns));
  for (const { parts } of indexes) {
    for (const { column, expression } of parts) if (column !== null && expression === null) names.add(column);
  }
  return names;
}

function isNested({ columns }: TableSchema, name: string): boolean {
  const type = parseType(columns.find((column) => column.name === name)?.nativeType ?? '');
  return type !== null && type.kind !== 'plain' && type.kind !== 'enum';
}

async function refuseUnclear(link: Link, load: TableLoad, conflict: OnConflict): Promise<void> {
  const staging = quoteTable(load.staging);
  const values = conflict.key.map((name) => arrivedColumn(load, name));
  const nulls = values.map((value) => `${value} IS NULL`).join(' OR ');
  if ((await count(link, `SELECT count(*) FROM ${staging} WHERE ${nulls}`)) > 0)
    throw nullInKey(load, conflict);
  const texts = values.map((value, at) => `CAST(${value} AS VARCHAR) AS k${at}`).join(', ');
  const [found] = await rows(
    link,
    `SELECT ${texts} FROM ${staging} GROUP BY ${values.join(', ')} HAVING count(*) > 1 LIMIT 1`,
  );
  if (found) throw doubledKey(load, conflict, Object.values(found).map(text));
}
