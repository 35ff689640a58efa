// The SELECT that reads a piece of a table. Pure.
import type { TableSchema } from '../../types/schema.ts';
import type { Partition, ReadColumn } from '../dialect.ts';
import { quote, quoteTable } from './names.ts';

/** FROM what: a parent of inherited tables alone, since its children are tables of their own. */
export function fromTable(table: TableSchema): string {
  const { partitioned, hasChildren } = table.tableFacts ?? {};
  return `${partitioned !== true && hasChildren === true ? 'ONLY ' : ''}${quoteTable(table)}`;
}

/** `where` stands on lines of its own, so that a comment in it can't swallow the bracket. */
export function whereClause(...conditions: (string | null)[]): string {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? '' : ` WHERE ${given.map((condition) => `(\n${condition}\n)`).join(' AND ')}`;
}

export function selectedColumn(column: Pick<ReadColumn, 'name' | 'select'>): string {
  const { select } = column;
  const name = quote(column.name);
  if (select === 'native') return name;
  if (select === 'text') return `${name}::text`;
  // A function, since a name may hold `$`, which means something in a replacement.
  return 'cast' in select ? `${name}::${select.cast}` : select.expression.replaceAll('$1', () => name);
}

export function selectSql(
  table: TableSchema,
  columns: readonly Pick<ReadColumn, 'name' | 'select'>[],
  where: string | null,
  partition: Partition | null,
): string {
  const conditions = whereClause(where, partition === null ? null : blockCondition(partition));
  return `SELECT ${columns.map(selectedColumn).join(', ')} FROM ${fromTable(table)}${conditions}`;
}

/** Blocks `from` up to but without `to`; null is open. */
function blockCondition({ bounds }: Partition): string | null {
  const from = blockNumber(bounds['fromBlock']);
  const to = blockNumber(bounds['toBlock']);
  const parts: string[] = [];
  if (from !== null) parts.push(`ctid >= '(${from},0)'::tid`);
  if (to !== null) parts.push(`ctid < '(${to},0)'::tid`);
  return parts.length === 0 ? null : parts.join(' AND ');
}

function blockNumber(value: string | number | null | undefined): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}
