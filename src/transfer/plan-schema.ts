// The target's picture of a table: the source's keys, foreign keys, checks and indexes under the target's names,
// before the target dialect adopts them. What can't come along is listed. Pure.
import type { Dialect } from '../dialect/dialect.ts';
import type { Engine } from '../types/logical-type.ts';
import type {
  ColumnSchema,
  ForeignKeySchema,
  KeySchema,
  NotCarried,
  TableName,
  TableSchema,
} from '../types/schema.ts';

export interface TargetTableInput {
  readonly source: TableSchema;
  readonly from: Engine;
  readonly name: TableName;
  /** Already in the target's types; a projection of the source's. */
  readonly columns: readonly ColumnSchema[];
  /** Collations that columns had in the target's engine before, by name. */
  readonly homeCollations: ReadonlyMap<string, string>;
  readonly target: Dialect;
  /** Where a table of the source stands in the target; null if it won't be there. */
  readonly resolve: (table: TableName) => TableName | null;
  /** Primary key columns in which the prescan found NULLs; none where rows that hold them are left out. */
  readonly nullKeyColumns: ReadonlySet<string>;
  readonly parts: { readonly indexes: boolean; readonly foreignKeys: boolean };
}

export function targetTable(input: TargetTableInput): { table: TableSchema; notCarried: NotCarried[] } {
  const { source, name, target, parts } = input;
  const sameEngine = input.from === target.name;
  const notCarried: NotCarried[] = [];
  const here = new Set(input.columns.map((column) => column.name));
  const gone = source.columns.map((column) => column.name).filter((column) => !here.has(column));
  const left = 'some of its columns are left out';
  const drop = (object: NotCarried['object'], what: string, reason: string) => {
    notCarried.push({ table: source.name, object, name: what, reason });
  };
  const keep = (columns: readonly string[]) => columns.every((column) => here.has(column));

  let primaryKey = source.primaryKey;
  if (primaryKey && !keep(primaryKey.columns)) {
    drop('primary key', keyName(primaryKey), left);
    primaryKey = null;
  }
  const nullKey = primaryKey?.columns.find((column) => input.nullKeyColumns.has(column));
  if (primaryKey && nullKey !== undefined && !sameEngine) {
    drop('primary key', keyName(primaryKey), `rows of the source hold NULL in "${nullKey}"`);
    primaryKey = null;
  }

  const uniques = source.uniques.filter((unique) => {
    if (!keep(unique.columns)) drop('unique constraint', keyName(unique), left);
    return keep(unique.columns);
  });
  const speaksOfGone = (sql: string | null) => sql !== null && speaksOf(sql, gone, source.name);
  const checks = source.checks.filter((check) => {
    const isLost = speaksOfGone(check.expression);
    if (isLost) drop('check', check.name ?? check.expression, left);
    return !isLost;
  });
  const indexes = source.indexes.filter((index) => {
    const isLost =
      index.parts.some(({ column, expression }) =>
        column === null ? speaksOfGone(expression) : !here.has(column),
      ) || speaksOfGone(index.where);
    if (isLost) drop('index', index.name, left);
    return !isLost && parts.indexes;
  });

  const foreignKeys: ForeignKeySchema[] = [];
  for (const foreignKey of parts.foreignKeys ? source.foreignKeys : []) {
    const references = input.resolve(foreignKey.references);
    if (!keep(foreignKey.columns)) drop('foreign key', keyName(foreignKey), left);
    else if (!references) {
      drop(
        'foreign key',
        keyName(foreignKey),
        `the table it references, "${foreignKey.references.name}", is not in the target`,
      );
    } else foreignKeys.push({ ...foreignKey, references });
  }

  const inherits: TableName[] = [];
  for (const parent of sameEngine ? (source.inherits ?? []) : []) {
    const standing = input.resolve(parent);
    if (standing) inherits.push(standing);
    else
      drop(
        'table option',
        `inheritance from ${parent.name}`,
        `the table it inherits from, "${parent.name}", is not in the target`,
      );
  }

  const table: TableSchema = {
    ...source,
    ...name,
    ...(inherits.length > 0 || source.inherits ? { inherits } : {}),
    columns: input.columns.map((column) =>
      speaksOfGone(column.generated?.expression ?? null) ? { ...column, generated: null } : column,
    ),
    primaryKey,
    uniques,
    checks,
    indexes,
    foreignKeys,
    tableFacts: sameEngine ? source.tableFacts : undefined,
  };
  const adopted = target.ddl.adopt(table, input.from);
  const given = adopted.table.columns.map((column) => {
    const collation = column.collation ?? input.homeCollations.get(column.name) ?? null;
    return { ...column, collation, origin: undefined };
  });
  const listed = [...notCarried, ...adopted.notCarried];
  return {
    table: { ...adopted.table, columns: given },
    notCarried: [...listed, ...generatedGivenUp(input, given, listed)],
  };
}

/**
 * Whether SQL may speak of columns that are left out: it has the name of one, quoted or not, or that of its own table, whose rows as
 * a whole it may mean. Rather once too often.
 */
function speaksOf(sql: string, columns: readonly string[], table: string): boolean {
  if (columns.length === 0) return false;
  const text = sql.toLowerCase();
  return [...columns, table].some((each) => {
    const name = each.toLowerCase();
    if (/^[a-z0-9_]+$/.test(name)) return new RegExp(`(?<![a-z0-9_$])${name}(?![a-z0-9_$])`).test(text);
    const spelled = [name, name.replaceAll('"', '""'), name.replaceAll('`', '``')];
    return spelled.some((one) => text.includes(one));
  });
}

/** Generated columns that cross as the values they have, where the dialect doesn't say so itself. */
function generatedGivenUp(
  { columns, source, target }: TargetTableInput,
  given: readonly ColumnSchema[],
  listed: readonly NotCarried[],
): NotCarried[] {
  const kept = new Set(given.filter((column) => column.generated).map((column) => column.name));
  const named = new Set(
    listed.filter((each) => each.object === 'generated column').map((each) => each.column ?? each.name),
  );
  return columns.flatMap(({ name, generated }) => {
    if (!generated || kept.has(name) || named.has(name)) return [];
    const why = generated.unknown
      ? `: ${generated.unknown} is not known to mean the same in ${target.name}`
      : '';
    const reason = `its values are carried, but not the expression that makes them, ${generated.expression}${why}`;
    return [{ table: source.name, object: 'generated column' as const, name, column: name, reason }];
  });
}

/** A key's name, or its columns where it has none. */
export function keyName(key: KeySchema): string {
  return key.name ?? `(${key.columns.join(', ')})`;
}
