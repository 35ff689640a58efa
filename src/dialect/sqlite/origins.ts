// What columns were before Ferrow carried them here, in a table beside the ledger: on the way home they get their own
// types back. Written in the transaction that gives a table its name; read with the catalog. Engine thread.
import type { Database } from 'better-sqlite3';
import type { Engine } from '../../types/logical-type.ts';
import type { ColumnOrigin, Json } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';

/** `facts`: what Ferrow made of the column beyond its declared type, as the labels of an enum. */
export const COLUMNS = `CREATE TABLE IF NOT EXISTS _ferrow_columns (
  table_name TEXT NOT NULL COLLATE NOCASE, column_name TEXT NOT NULL COLLATE NOCASE, made_type TEXT NOT NULL,
  origin TEXT, facts TEXT, PRIMARY KEY (table_name, column_name)
) WITHOUT ROWID`;

/** Facts of a column that can't be read from the file itself. */
const KEPT_FACTS = ['labels', 'enumName'];

/** Puts the table's rows in place of those that were there. Call it in the transaction that names the table. */
export function keepOrigins(db: Database, load: TableLoad): void {
  const { table, origins = [] } = load;
  const kept = table.columns.flatMap(({ name, nativeType, typeFacts = {} }) => {
    const origin = origins.find(({ column }) => column === name)?.origin;
    const facts = Object.entries(typeFacts).filter(([fact]) => KEPT_FACTS.includes(fact));
    if (!origin && facts.length === 0) return [];
    return [{ name, nativeType, origin, facts }];
  });
  if (kept.length > 0) db.exec(COLUMNS);
  else if (!isThere(db)) return;
  db.prepare('DELETE FROM _ferrow_columns WHERE table_name = ?').run(table.name);
  const insert = db.prepare('INSERT INTO _ferrow_columns VALUES (?, ?, ?, ?, ?)');
  for (const { name, nativeType, origin, facts } of kept) {
    const factsJson = facts.length > 0 ? JSON.stringify(Object.fromEntries(facts)) : null;
    insert.run(table.name, name, nativeType, origin ? JSON.stringify(origin) : null, factsJson);
  }
}

/** What is known of columns goes with their table when it gets another name. In the same transaction. */
export function moveOrigins(db: Database, from: string, to: string): void {
  if (!isThere(db)) return;
  db.prepare('DELETE FROM _ferrow_columns WHERE table_name = ?').run(to);
  db.prepare('UPDATE _ferrow_columns SET table_name = ? WHERE table_name = ?').run(to, from);
}

export interface KeptColumn {
  readonly madeType: string;
  readonly origin: ColumnOrigin | null;
  readonly facts: Readonly<Record<string, Json>>;
}

/** By table and column, in lower case with a NUL between. What can't be read is left out: the user's file is fine. */
export function readOrigins(db: Database): Map<string, KeptColumn> {
  const found = new Map<string, KeptColumn>();
  if (!isThere(db)) return found;
  const rows = db
    .prepare<[], Record<string, unknown>>(
      'SELECT table_name AS "table", column_name AS "column", made_type AS made, origin, facts FROM _ferrow_columns',
    )
    .all();
  for (const { table, column, made, origin, facts } of rows) {
    if (typeof table !== 'string' || typeof column !== 'string' || typeof made !== 'string') continue;
    found.set(originKey(table, column), {
      madeType: made,
      origin: asOrigin(parsed(origin)),
      facts: asObject(parsed(facts)) ?? {},
    });
  }
  return found;
}

export function originKey(table: string, column: string): string {
  return `${table}\0${column}`.toLowerCase();
}

function isThere(db: Database): boolean {
  return (
    db
      .prepare(`SELECT 1 FROM pragma_table_info('_ferrow_columns') WHERE name IN ('made_type', 'origin')`)
      .all().length === 2
  );
}

function parsed(text: unknown): Json {
  if (typeof text !== 'string') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

function asObject(value: Json): Readonly<Record<string, Json>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : null;
}

const ENGINES: readonly Engine[] = ['postgres', 'sqlite', 'duckdb'];

function asOrigin(value: Json): ColumnOrigin | null {
  const object = asObject(value);
  const known = object !== null && ENGINES.includes(object['engine'] as Engine);
  return known && typeof object['nativeType'] === 'string' ? (object as unknown as ColumnOrigin) : null;
}
