// The words of --help that no table holds: summaries, examples, forms of URLs. Pure.
import type { CommandName } from './option-spec.ts';

export const SUMMARIES: Readonly<Record<CommandName | 'schema', string>> = {
  migrate: 'move schema and data',
  plan: 'the same, analysed and not run: what becomes of each column, and what is refused',
  sync: 'move only rows that are new or changed since the last sync',
  verify: 'compare what both sides hold, and say which rows differ',
  repair: 'make the target equal by moving only the rows that differ',
  resume: 'carry an interrupted run on',
  rollback: 'put back the tables that a blue-green run replaced',
  'retry-rejects': 'try rejected rows again',
  runs: 'past runs of a target, and what each has left there',
  schema: 'compare two schemas, or write one for another engine',
  'schema compare': 'compare the tables of both sides as they stand',
  'schema script': 'write the source’s schema as DDL for the target’s engine',
  doctor: 'check connections, rights, sizes and free disk before anything is moved',
  tune: 'try batch sizes, workers and connections on a sample of a table, and recommend some',
};

export const URL_HELP = `Databases:
  postgres://user@host:5432/db     PostgreSQL; PG* variables and ~/.pgpass fill what is missing
  sqlite:app.db   app.sqlite       SQLite; also sqlite:///absolute/path, *.db, *.sqlite3
  duckdb:app.duckdb   app.ddb      DuckDB; also duckdb:///absolute/path
  \${NAME} in a URL is taken from the environment. FERROW_SOURCE_URL and FERROW_TARGET_URL
  stand in for the arguments, and every option has an environment twin, shown in [brackets].`;

export const EXIT_STATUS_HELP = `Exit status:
  0 done and verified   1 failed   2 wrong usage or configuration   3 differences found
  4 done, but rows were rejected   130 interrupted`;

export const EXAMPLES: Readonly<Record<CommandName | 'schema' | 'ferrow', string>> = {
  ferrow: `Examples:
  ferrow plan app.db postgres://me@localhost/app        what would happen
  ferrow migrate app.db postgres://me@localhost/app     do it
  ferrow migrate --help                                 all options, with examples`,
  migrate: `Examples:
  ferrow migrate app.db app.duckdb
  ferrow migrate app.db postgres://me@localhost/app --tables 'order*,Customer' --if-exists replace
  ferrow migrate postgres://me:\${PGPASS}@db/app app.duckdb --schema sales --json > report.json
  ferrow migrate app.db copy.db --tables Track --where 'Milliseconds > 60000' --columns TrackId,Name
  ferrow migrate --config ferrow.yaml --metrics-port 9464`,
  plan: `Examples:
  ferrow plan app.db postgres://me@localhost/app
  ferrow plan app.db app.duckdb --verbose               with the DDL of each table
  ferrow plan app.db app.duckdb --json`,
  sync: `The first sync moves all rows; each one after it those at or above the watermark, which the ledger of the
target keeps. Rows are upserted by primary key.

Examples:
  ferrow sync postgres://me@db/app app.duckdb --tables orders --watermark updated_at
  ferrow sync postgres://me@db/app app.duckdb --config sync.yaml --lookback 15m --deletes`,
  verify: `Exit status 0: equal; 3: differences found.

Examples:
  ferrow verify app.db postgres://me@localhost/app
  ferrow verify app.db app.duckdb --verify sample --json
  ferrow verify app.db app.duckdb --output verification.html`,
  repair: `Examples:
  ferrow repair app.db postgres://me@localhost/app --dry-run     what would be moved and deleted
  ferrow repair app.db postgres://me@localhost/app --tables orders`,
  resume: `Without RUN the last run that did not end well. The source is the run’s; its password comes from the PG*
variables, ~/.pgpass or FERROW_SOURCE_URL.

Examples:
  ferrow resume postgres://me@localhost/app
  ferrow resume app.duckdb 3f2a --json`,
  rollback: `Examples:
  ferrow rollback postgres://me@localhost/app
  ferrow rollback app.duckdb 3f2a`,
  'retry-rejects': `Examples:
  ferrow retry-rejects postgres://me@localhost/app
  ferrow retry-rejects app.duckdb 3f2a --allow nul=strip --rejects still-rejected.jsonl`,
  runs: `Examples:
  ferrow runs postgres://me@localhost/app
  ferrow runs app.duckdb --json
  ferrow runs app.duckdb --clean 3f2a`,
  schema: `Examples:
  ferrow schema compare app.db postgres://me@localhost/app
  ferrow schema script  app.db postgres://me@localhost/app --output app.sql`,
  'schema compare': `Exit status 0: equal; 3: differences found.

Examples:
  ferrow schema compare app.db postgres://me@localhost/app
  ferrow schema compare app.db app.duckdb --tables 'order*' --json`,
  'schema script': `Examples:
  ferrow schema script app.db postgres://me@localhost/app
  ferrow schema script app.db postgres://me@localhost/app --output app.sql --no-foreign-keys`,
  doctor: `Examples:
  ferrow doctor app.db postgres://me@localhost/app
  ferrow doctor app.db app.duckdb --json`,
  tune: `The sample is moved into a scratch file beside the target, or a scratch schema in its server, which is
dropped at the end. Tables and ledger of the target stay as they are.

Examples:
  ferrow tune app.db postgres://me@localhost/app
  ferrow tune app.db app.duckdb --table Track --budget 20 --output tune.html
  ferrow tune app.db postgres://me@localhost/app --write ferrow.yaml`,
};
