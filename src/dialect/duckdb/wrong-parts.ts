// Which part of a definition DuckDB doesn't take: each is tried alone, in a temporary table, after the whole was refused.
// Engine thread.
import type { ColumnSchema, TableSchema } from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { columnSql } from './ddl.ts';
import { causeOf, plainMessage } from './errors.ts';
import { run } from './query.ts';
import type { TableSpec } from './table-spec.ts';

/** Gives up the checks and defaults that are wrong; if none is by itself, all of them. */
export async function giveUpWrong(link: Link, spec: TableSpec, reason: string): Promise<void> {
  const { table } = spec;
  let found = false;
  for (const { expression } of table.checks) {
    const why = await obstacle(link, table, (column) => ({ ...column, default: null }), expression);
    if (why !== null) spec.dropChecks(why, (one) => one === expression);
    found ||= why !== null;
  }
  for (const { name, default: value } of table.columns) {
    // Sequences are there, or will be: they are Ferrow's own text.
    if (!value || value.kind === 'sequence') continue;
    const only = (column: ColumnSchema) => (column.name === name ? column : { ...column, default: null });
    const why = await obstacle(link, table, only, null);
    if (why !== null) spec.dropDefault(name, why);
    found ||= why !== null;
  }
  if (found) return;
  if (table.checks.length > 0) spec.dropChecks(reason, () => true);
  else for (const { name, default: value } of table.columns) if (value) spec.dropDefault(name, reason);
}

async function obstacle(
  link: Link,
  table: TableSchema,
  as: (column: ColumnSchema) => ColumnSchema,
  check: string | null,
): Promise<string | null> {
  const items = table.columns.map((column) => columnSql(as(column)));
  if (check !== null) items.push(`CHECK (${check})`);
  try {
    await run(link, `CREATE OR REPLACE TEMP TABLE _ferrow_try (${items.join(', ')})`);
    await run(link, 'DROP TABLE temp._ferrow_try');
    return null;
  } catch (error) {
    return `DuckDB: ${plainMessage(causeOf(error))}`;
  }
}
