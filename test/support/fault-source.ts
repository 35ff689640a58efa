// The database that fault tests move, in any engine: small, but with all that can go wrong twice. Rows without a key, where a
// double would stand; foreign keys, which hold tables back; an empty table; an index; a view. Integers and text only, which
// every engine prints alike.
import { createHash } from 'node:crypto';
import { asking, type EngineName, engineOfUrl, runStatements } from './judge.ts';

/** Rows by table. */
export const FAULT_TABLES: Readonly<Record<string, number>> = {
  parents: 20_000,
  journal: 15_000,
  children: 10_000,
  wide: 6_000,
  few: 3,
  hollow: 0,
};

const COLUMNS: Readonly<Record<string, string>> = {
  parents: 'id, label, amount',
  journal: 'line, said',
  children: 'id, parent_id, label',
  wide: 'id, filling',
  few: 'id, label',
  hollow: 'id, label',
};

/** `rows` numbers from 1, as a column i. */
export function series(engine: EngineName, rows: number): string {
  switch (engine) {
    case 'sqlite':
      return `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n)`;
    case 'duckdb':
      return `(SELECT generate_series AS i FROM generate_series(1, ${rows}))`;
    case 'postgres':
      return `generate_series(1, ${rows}) AS n (i)`;
  }
}

export async function makeFaultSource(url: string): Promise<void> {
  const from = (table: string) => `FROM ${series(engineOfUrl(url), FAULT_TABLES[table])}`;
  await runStatements(url, [
    'CREATE TABLE parents (id INTEGER PRIMARY KEY, label TEXT NOT NULL, amount BIGINT)',
    `INSERT INTO parents SELECT i, 'label number ' || i, CASE WHEN i % 7 = 0 THEN NULL ELSE i * 1000 END ${from('parents')}`,
    'CREATE TABLE journal (line INTEGER, said TEXT)',
    `INSERT INTO journal SELECT i % 100, 'said ' || (i % 10) ${from('journal')}`,
    'CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents (id), label TEXT UNIQUE)',
    `INSERT INTO children SELECT i, i * 2, 'child ' || i ${from('children')}`,
    'CREATE INDEX children_by_parent ON children (parent_id)',
    'CREATE TABLE wide (id INTEGER PRIMARY KEY, filling TEXT)',
    `INSERT INTO wide SELECT i, '${'.'.repeat(300)}' || i ${from('wide')}`,
    'CREATE TABLE few (id INTEGER PRIMARY KEY, label TEXT)',
    "INSERT INTO few VALUES (1, 'one'), (2, 'two'), (3, NULL)",
    'CREATE TABLE hollow (id INTEGER PRIMARY KEY, label TEXT)',
    'CREATE VIEW rich AS SELECT id, label FROM parents WHERE amount > 5000000',
  ]);
}

/** For each table the number of its rows and a hash of all of them in one order: by the engine's own SQL. */
export async function contentOfAll(
  url: string,
  tables: readonly string[] = Object.keys(FAULT_TABLES),
): Promise<Record<string, string>> {
  return asking(url, async (ask) => {
    const content: Record<string, string> = {};
    for (const table of tables) {
      const rows = await ask(`SELECT ${COLUMNS[table]} FROM ${table}`);
      const lines = rows.map((row) => row.join('\t')).sort();
      const hash = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
      content[table] = `${rows.length} rows ${hash}`;
    }
    return content;
  });
}
