// Which rows keep a constraint from being declared: asked only after DuckDB refused. The rows arrive all the
// same; the constraint is given up and listed. Engine thread.
import type { ForeignKeySchema, TableName } from '../../types/schema.ts';
import type { Link } from './connect.ts';
import { count, rows, text } from './query.ts';
import { columnList, quote, quoteTable } from './sql-text.ts';
import { keyName, type TableSpec } from './table-spec.ts';

/**
 * Gives up every constraint of the table that its staged rows violate. `rowsOf` says where a parent's rows are.
 * @returns whether anything was given up
 */
export async function dropViolated(
  link: Link,
  spec: TableSpec,
  rowsOf: (key: ForeignKeySchema) => TableName,
): Promise<boolean> {
  const before = spec.lost.length;
  const { table } = spec;
  const place = quoteTable(spec.load.staging);
  const { primaryKey } = table;
  if (primaryKey) {
    const nulls = await count(link, `SELECT count(*) FROM ${place} WHERE ${anyNull(primaryKey.columns)}`);
    const twice = await duplicates(link, place, primaryKey.columns);
    if (nulls + twice > 0) {
      const reasons = [
        ...(nulls > 0 ? [`${nulls} rows have NULL in it`] : []),
        ...(twice > 0 ? [`${twice} values occur more than once`] : []),
      ];
      spec.dropPrimaryKey(
        `the source's rows violate it: ${reasons.join(', ')}`,
        `mend the rows, then: ALTER TABLE ${quoteTable(table)} ADD PRIMARY KEY (${columnList(primaryKey.columns)})`,
      );
    }
  }
  for (const key of table.uniques) {
    const twice = await duplicates(link, place, key.columns);
    if (twice > 0) spec.dropUnique(key, `the source's rows violate it: ${twice} values occur more than once`);
  }
  for (const index of table.indexes) {
    if (!index.unique || index.parts.some((part) => part.column === null)) continue;
    const twice = await duplicates(
      link,
      place,
      index.parts.map((part) => part.column ?? ''),
    );
    if (twice > 0)
      spec.dropIndex(index, `the source's rows violate it: ${twice} values occur more than once`);
  }
  const violated = new Map<string, string>();
  for (const { expression } of table.checks) {
    const wrong = `FROM ${withGenerated(spec, place)} WHERE NOT (${expression})`;
    const broken = await count(link, `SELECT count(*) ${wrong}`);
    if (broken === 0) continue;
    const first = await firstRow(link, spec, wrong);
    violated.set(expression, `${broken} rows of the source violate it, the first with ${first}`);
  }
  for (const [expression, reason] of violated) spec.dropChecks(reason, (one) => one === expression);
  for (const key of table.foreignKeys) {
    const orphans = await orphanCount(link, spec, key, rowsOf(key));
    if (orphans > 0) {
      spec.dropForeignKey(
        key,
        `${orphans} rows of the source point at no row of ${key.references.name}`,
        orphanSql(spec, key),
      );
    }
  }
  return spec.lost.length > before;
}

/** The staged rows, with the columns that are computed. */
function withGenerated({ table }: TableSpec, place: string): string {
  const computed = table.columns.flatMap(({ name, nativeType, generated }) =>
    generated ? [`CAST((${generated.expression}) AS ${nativeType}) AS ${quote(name)}`] : [],
  );
  return computed.length === 0 ? place : `(SELECT *, ${computed.join(', ')} FROM ${place})`;
}

/** The row's key, or its first columns, as people write it. */
async function firstRow(link: Link, { table, load }: TableSpec, from: string): Promise<string> {
  const key =
    table.primaryKey?.columns ?? load.columns.slice(0, KEY_COLUMNS_MAX).map((column) => column.name);
  const shown = key.map((name) => `left(CAST(${quote(name)} AS VARCHAR), 60) AS ${quote(name)}`);
  const [row] = await rows(link, `SELECT ${shown.join(', ')} ${from} LIMIT 1`);
  return key.map((name) => `${name} = ${row[name] === null ? 'NULL' : text(row[name])}`).join(', ');
}

/** Where the table has no key. */
const KEY_COLUMNS_MAX = 3;

export const anyNull = (columns: readonly string[], alias = ''): string =>
  columns.map((name) => `${alias}${quote(name)} IS NULL`).join(' OR ');

/** Values without NULLs that occur more than once. */
function duplicates(link: Link, place: string, columns: readonly string[]): Promise<number> {
  const list = columnList(columns);
  return count(
    link,
    `SELECT count(*) FROM (SELECT 1 FROM ${place} WHERE NOT (${anyNull(columns)}) GROUP BY ${list} HAVING count(*) > 1)`,
  );
}

export function orphanCount(
  link: Link,
  spec: TableSpec,
  key: ForeignKeySchema,
  parentRows: TableName,
): Promise<number> {
  const match = key.columns.map((name, at) => `p.${quote(key.referencedColumns[at])} = c.${quote(name)}`);
  return count(
    link,
    `SELECT count(*) FROM ${quoteTable(spec.load.staging)} c WHERE NOT (${anyNull(key.columns, 'c.')}) AND NOT EXISTS (SELECT 1 FROM ${quoteTable(parentRows)} p WHERE ${match.join(' AND ')})`,
  );
}

/** What the user can run to see them. */
function orphanSql(spec: TableSpec, key: ForeignKeySchema): string {
  const parent = quoteTable({
    schema: key.references.schema ?? spec.table.schema,
    name: key.references.name,
  });
  return `to see them: SELECT * FROM ${quoteTable(spec.table)} WHERE ${keyName({ name: null, columns: key.columns.map(quote) })} NOT IN (SELECT ${keyName({ name: null, columns: key.referencedColumns.map(quote) })} FROM ${parent})`;
}
