// Tables made by the PostgreSQL target as a run makes them, their rows put into the staging tables by plain SQL.

import type { TableLoad, ViewLoad } from '../../../../src/dialect/dialect.ts';
import { postgres } from '../../../../src/dialect/postgres/index.ts';
import type { Engine } from '../../../../src/types/logical-type.ts';
import type { ColumnSchema, DatabaseSchema, NotCarried, TableSchema } from '../../../../src/types/schema.ts';
import { runSql } from '../../../support/postgres.ts';
import { tableSchema } from '../../../support/schemas.ts';

export async function catalogOf(url: string, schemas: string[] = ['*']): Promise<DatabaseSchema> {
  const source = await postgres.openSource(postgres.locate(url, {}), { connections: 1 });
  try {
    return await source.catalog(schemas);
  } finally {
    await source.close();
  }
}

export interface Making {
  readonly from?: Engine;
  /** VALUES for the staging table of a table, by its name. */
  readonly rows?: Readonly<Record<string, string>>;
  readonly mode?: TableLoad['mode'];
  readonly views?: readonly ViewLoad[];
  readonly load?: Partial<TableLoad>;
}

let runs = 0;

export async function makeTables(
  url: string,
  tables: readonly TableSchema[],
  { from = 'postgres', rows = {}, mode = 'create', views = [], load = {} }: Making = {},
): Promise<NotCarried[]> {
  const target = await postgres.openTarget(postgres.locate(url, {}), { connections: 1, readOnly: false });
  const run = ++runs;
  const notCarried: NotCarried[] = [];
  try {
    await target.beginRun({
      runId: `run-${run}`,
      epoch: 1,
      state: 'copying',
      planHash: 'h',
      source: 's',
      target: 't',
      snapshotId: null,
      startedAt: '2024-01-01T00:00:00Z',
      version: '0',
    });
    const loads = tables.map((table, at): TableLoad => {
      const adopted = postgres.ddl.adopt(table, from);
      notCarried.push(...adopted.notCarried);
      return {
        runId: `${run}`,
        id: `t${at}`,
        table: adopted.table,
        staging: { schema: table.schema, name: `_ferrow_${run}_${at}` },
        mode,
        columns: [],
        parts: { indexes: true, foreignKeys: true },
        ...load,
      };
    });
    await target.prepare(loads);
    for (const { table, staging } of loads) {
      const values = rows[table.name];
      if (values === undefined) continue;
      const columns = table.columns
        .filter((column) => !column.generated)
        .map((column) => postgres.ddl.quote(column.name));
      const own = table.columns.some((column) => column.identity) ? ' OVERRIDING SYSTEM VALUE' : '';
      await runSql(
        url,
        `INSERT INTO ${postgres.ddl.quoteTable(staging)} (${columns.join(', ')})${own} VALUES ${values}`,
      );
    }
    for (const each of loads) notCarried.push(...(await target.finishTable(each)));
    notCarried.push(...(await target.finishRun(loads)));
    notCarried.push(...(await target.makeViews(views, mode === 'replace')));
    await target.endRun(`run-${run}`, 'done');
    return notCarried;
  } finally {
    await target.close();
  }
}

/** A table of the schema `public`. */
export function table(
  name: string,
  columns: readonly ColumnSchema[],
  more: Partial<TableSchema> = {},
): TableSchema {
  return tableSchema(name, columns, { schema: 'public', ...more });
}
