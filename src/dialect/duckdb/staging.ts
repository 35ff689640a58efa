// The tables in which rows arrive. Engine thread.
import { failpoint } from '../../errors/failpoint.ts';
import type { TableLoad } from '../dialect.ts';
import type { Link } from './connect.ts';
import { columnSql } from './ddl.ts';
import { fromDuckdb } from './errors.ts';
import { forgetLoads, recordTables } from './ledger.ts';
import { inTransaction, run } from './query.ts';
import { quote, quoteTable } from './sql-text.ts';
import { stagingType } from './staged-columns.ts';

/** The columns in their order, with NOT NULL and nothing else; without that where the end of the load judges rows one by one. */
export function stagingSql(load: TableLoad): string {
  const byName = new Map(load.table.columns.map((column) => [column.name, column]));
  const columns = load.columns.map(({ name, wire }) => {
    const column = byName.get(name)!;
    return columnSql(
      {
        ...column,
        generated: null,
        collation: null,
        nullable: column.nullable || load.leavesOut === true,
      },
      stagingType(column.nativeType, wire),
      false,
    );
  });
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(load.staging)} (${columns.join(', ')})`;
}

/** Makes all of them, and the schemas they stand in, or nothing. */
export async function makeStaging(link: Link, loads: readonly TableLoad[], path: string): Promise<void> {
  try {
    await inTransaction(link, async () => {
      for (const schema of new Set(loads.flatMap((load) => [load.table.schema, load.staging.schema])))
        if (schema !== null && schema !== 'main')
          await run(link, `CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`, [], 'ddl');
      for (const load of loads) {
        await run(link, `DROP TABLE IF EXISTS ${quoteTable(load.staging)}`, [], 'ddl');
        await run(link, stagingSql(load), [], 'ddl');
      }
      await recordTables(link, loads);
      failpoint('prepare.made');
    });
  } catch (error) {
    throw fromDuckdb(error, 'ddl', {}, path);
  }
}

/** Drops the staging tables and forgets their chunks, in one transaction. */
export async function dropStaging(link: Link, loads: readonly TableLoad[]): Promise<void> {
  await inTransaction(link, async () => {
    for (const load of loads) await run(link, `DROP TABLE IF EXISTS ${quoteTable(load.staging)}`);
    await forgetLoads(link, loads);
  });
}
