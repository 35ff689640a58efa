// CHECK constraints of tables that Ferrow makes: which of them SQLite takes, and which of them rows break. Rows are
// loaded without checking, since data always arrives; what breaks a check is counted afterwards. Engine thread.
import Database from 'better-sqlite3';
import type { NotCarried, TableSchema } from '../../types/schema.ts';
import { quote } from './sql-names.ts';

type Connected = Database.Database;

/** The statement that `make` gives of the table, tried; without the checks that SQLite refuses, which are listed. */
export function execWithoutRefused(
  db: Connected,
  table: TableSchema,
  make: (table: TableSchema) => string,
): NotCarried[] {
  try {
    db.exec(make(table));
    return [];
  } catch (error) {
    if (!isRefusal(error) || table.checks.length === 0 || !takes(db, make({ ...table, checks: [] })))
      throw error;
  }
  const refused: NotCarried[] = [];
  const checks = table.checks.filter((check) => {
    const reason = refusal(db, make({ ...table, checks: [check] }));
    if (reason === null) return true;
    refused.push({
      table: table.name,
      object: 'check',
      name: check.name ?? check.expression,
      reason: `SQLite refuses it here: ${reason}`,
      hint: `CHECK (${check.expression})`,
    });
    return false;
  });
  db.exec(make({ ...table, checks }));
  return refused;
}

const takes = (db: Connected, sql: string): boolean => refusal(db, sql) === null;

/** What SQLite says against a statement, which is taken back in any case. */
function refusal(db: Connected, sql: string): string | null {
  db.exec('SAVEPOINT ferrow_check');
  try {
    db.exec(sql);
    return null;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.message;
  } finally {
    db.exec('ROLLBACK TO ferrow_check');
    db.exec('RELEASE ferrow_check');
  }
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_ERROR';
}

/** Checks that stand in the table and that rows break; they stay, since SQLite can hold them so. */
export function brokenChecks(db: Connected, table: TableSchema, place = table.name): NotCarried[] {
  if (table.checks.length === 0) return [];
  // A comment at the end must not swallow the parenthesis.
  const count = (expression: string) => `coalesce(sum(NOT (${expression}\n)), 0)`;
  const from = `FROM ${quote(place)}`;
  const counts = counted(
    db,
    `SELECT ${table.checks.map(({ expression }) => count(expression)).join(', ')} ${from}`,
  );
  return table.checks.flatMap(({ name, expression }, at): NotCarried[] => {
    const rows = counts?.[at] ?? counted(db, `SELECT ${count(expression)} ${from}`)?.[0];
    if (rows === 0) return [];
    const reason =
      rows === undefined
        ? 'SQLite can not evaluate it on every row'
        : `${rows} row${rows === 1 ? ' breaks' : 's break'} it`;
    return [
      {
        table: table.name,
        object: 'check',
        name: name ?? expression,
        reason,
        instead: 'with violations',
        hint: `list them with: SELECT * FROM ${quote(table.name)} WHERE NOT (${expression})`,
      },
    ];
  });
}

function counted(db: Connected, sql: string): number[] | null {
  try {
    return db.prepare<[], number[]>(sql).raw().get() ?? null;
  } catch (error) {
    if (error instanceof Database.SqliteError) return null;
    throw error;
  }
}
