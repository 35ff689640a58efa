// CREATE TABLE and CREATE INDEX in SQLite's words, from a table that fits SQLite already. Pure.
import { FerrowError } from '../../errors/ferrow-error.ts';
import type {
  ColumnSchema,
  ForeignKeySchema,
  IndexPart,
  IndexSchema,
  TableSchema,
} from '../../types/schema.ts';
import type { SchemaParts } from '../dialect.ts';
import { labelsCheck, labelsOf } from './labels.ts';
import { quote, quoteList } from './sql-names.ts';
import { isImplicit, notNullConflict, writtenKey } from './written-keys.ts';

/** The table under `name` (its own, or a staging name), with all of its keys. */
export function createTable(table: TableSchema, name: string, parts: SchemaParts): string {
  if (/^sqlite_/i.test(table.name)) {
    throw new FerrowError('E_IDENTIFIER_INVALID', `SQLite keeps names such as "${table.name}" for itself`, {
      dialect: 'sqlite',
      table: table.name,
    });
  }
  const key = table.primaryKey;
  const keyInColumn = key?.columns.length === 1 && !isReordered(table);
  const items = table.columns.map((column) =>
    columnSql(column, table, keyInColumn && column.name === key.columns[0]),
  );
  if (key !== null && !keyInColumn) {
    items.push(`${named(key.name)}PRIMARY KEY ${keySql(table, true, key.columns)}`);
  }
  for (const unique of table.uniques) {
    items.push(`${named(unique.name)}UNIQUE ${keySql(table, false, unique.columns)}`);
  }
  for (const check of table.checks) items.push(`${named(check.name)}CHECK (${enclosed(check.expression)})`);
  for (const column of table.columns) {
    const labels = labelsOf(column);
    const check = labels && labelsCheck(column.name, labels.labels);
    if (check) items.push(`CHECK (${check})`);
  }
  if (parts.foreignKeys)
    for (const foreignKey of table.foreignKeys) {
      items.push(foreignKeySql(foreignKey, isImplicit(table, foreignKey)));
    }
  const options = [
    ...(table.tableFacts?.['withoutRowid'] === true ? ['WITHOUT ROWID'] : []),
    ...(table.tableFacts?.['strict'] === true ? ['STRICT'] : []),
  ];
  const tail = options.length > 0 ? ` ${options.join(', ')}` : '';
  return `CREATE TABLE ${quote(name)} (\n  ${items.join(',\n  ')}\n)${tail}`;
}

/** A comment at the end of an expression must not swallow the parenthesis behind it. */
function enclosed(expression: string): string {
  return expression.includes('--') || expression.includes('/*') ? `${expression}\n` : expression;
}

function named(name: string | null): string {
  return name === null ? '' : `CONSTRAINT ${quote(name)} `;
}

/** A key of one column that stands apart, since it sorts otherwise than the column. */
function isReordered(table: TableSchema): boolean {
  const { primaryKey } = table;
  const written = primaryKey && writtenKey(table, true, primaryKey.columns);
  const column = table.columns.find(({ name }) => name === primaryKey?.columns[0]);
  if (!written || !column || isNoAlias(column, table)) return false;
  return written.descending.includes(true) || written.collations.some((name) => name !== null);
}

/** `("a" COLLATE "NOCASE" DESC, "b") ON CONFLICT IGNORE`, as it was written. */
function keySql(table: TableSchema, primary: boolean, columns: readonly string[]): string {
  const written = writtenKey(table, primary, columns);
  if (written === null) return `(${quoteList(columns)})`;
  const parts = columns.map((column, at) =>
    partSql({
      column,
      expression: null,
      collation: written.collations[at] ?? null,
      descending: written.descending[at] === true,
    }),
  );
  return `(${parts.join(', ')})${conflictSql(written.conflict)}`;
}

function conflictSql(conflict: string | null): string {
  return conflict === null || !CONFLICTS.has(conflict) ? '' : ` ON CONFLICT ${conflict}`;
}

const CONFLICTS = new Set(['ROLLBACK', 'ABORT', 'FAIL', 'IGNORE', 'REPLACE']);

/** `isKey`: the column is the whole primary key. */
function columnSql(column: ColumnSchema, table: TableSchema, isKey: boolean): string {
  const words = [quote(column.name)];
  if (column.nativeType !== '') words.push(typeSql(column.nativeType));
  if (isKey) {
    words.push(`${named(table.primaryKey?.name ?? null)}PRIMARY KEY`);
    if (isNoAlias(column, table)) words.push('DESC');
    const conflict = conflictSql(writtenKey(table, true, [column.name])?.conflict ?? null);
    if (conflict !== '') words.push(conflict.trim());
    if (column.identity?.kind === 'autoincrement') words.push('AUTOINCREMENT');
  }
  if (!column.nullable && !isSilentlyNotNull(column)) {
    words.push(`NOT NULL${conflictSql(notNullConflict(table, column.name))}`);
  }
  if (column.default !== null) words.push(`DEFAULT ${column.default.sql}`);
  if (column.collation !== null) words.push(`COLLATE ${quote(column.collation)}`);
  if (column.generated) {
    words.push(
      `GENERATED ALWAYS AS (${enclosed(column.generated.expression)}) ${column.generated.stored ? 'STORED' : 'VIRTUAL'}`,
    );
  }
  return words.join(' ');
}

/** A type as SQLite takes it: words and numbers in parentheses as they are, anything else quoted as one word. */
export function typeSql(nativeType: string): string {
  const plain = /^[\w\s$\u0080-\uffff]+(\([-+\d\s.,]*\))?$/.test(nativeType) && !KEYWORDS.test(nativeType);
  return plain ? nativeType : quote(nativeType);
}

const KEYWORDS = /\b(constraint|primary|not|null|unique|check|default|collate|references|generated|as)\b/i;

/**
 * INTEGER PRIMARY KEY is the rowid, but for a quirk that SQLite keeps for old files: with DESC it isn't. A
 * column that was no rowid in its SQLite source must not become one, since it may hold NULLs.
 */
function isNoAlias(column: ColumnSchema, table: TableSchema): boolean {
  return (
    column.nativeType.toUpperCase() === 'INTEGER' &&
    column.typeFacts?.['rowidAlias'] === false &&
    table.tableFacts?.['withoutRowid'] !== true
  );
}

/** A rowid of another SQLite file, which is never NULL, but was not declared so either. */
function isSilentlyNotNull({ typeFacts }: ColumnSchema): boolean {
  return typeFacts?.['rowidAlias'] === true && typeFacts['notNull'] !== true;
}

function foreignKeySql(key: ForeignKeySchema, implicit: boolean): string {
  const words = [
    `${named(key.name)}FOREIGN KEY (${quoteList(key.columns)}) REFERENCES ${quote(key.references.name)}`,
  ];
  if (key.referencedColumns.length > 0 && !implicit) words.push(`(${quoteList(key.referencedColumns)})`);
  if (key.onDelete !== 'no action') words.push(`ON DELETE ${key.onDelete.toUpperCase()}`);
  if (key.onUpdate !== 'no action') words.push(`ON UPDATE ${key.onUpdate.toUpperCase()}`);
  if (key.deferrable) {
    words.push(`DEFERRABLE INITIALLY ${key.initiallyDeferred ? 'DEFERRED' : 'IMMEDIATE'}`);
  }
  return words.join(' ');
}

/** `name` may differ from the index's own where that is taken. */
export function createIndex(table: string, index: IndexSchema, name: string = index.name): string {
  const unique = index.unique ? 'UNIQUE ' : '';
  const where = index.where === null ? '' : ` WHERE ${index.where}`;
  const list = index.parts.map(partSql).join(', ');
  return `CREATE ${unique}INDEX ${quote(name)} ON ${quote(table)} (${list})${where}`;
}

function partSql(part: IndexPart): string {
  const what = part.column === null ? (part.expression ?? '') : quote(part.column);
  const collation = part.collation === null ? '' : ` COLLATE ${quote(part.collation)}`;
  return `${what}${collation}${part.descending ? ' DESC' : ''}`;
}
