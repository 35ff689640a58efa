// Every lossy mapping that users may choose by name: without it the value is refused (or kept as text), and the
// error says which to choose; with it, for the run or for the column alone, the value is as promised and counted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DatabaseFactory, DatabaseMigrator, type Report } from '../../src/index.ts';
import { POLICIES } from '../../src/types/policy.ts';
import { type EngineName, NULL_TEXT, queryText, runStatements } from '../support/judge.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Choice {
  /** KEY=POLICY; the table's name is made of it. */
  readonly policy: string;
  readonly type: string;
  /** Literals of the source; the second row is the one that needs the policy. */
  readonly values: readonly [string, string];
  /** Code without the policy; null where the column then becomes text or a number by itself. */
  readonly refused: string | null;
  /** Native type and the two values in the target. */
  readonly type2: string;
  readonly arrives: readonly [string, string];
  /** Uses that the report counts. */
  readonly count: number;
  readonly setup?: string;
}

const choice = (
  policy: string,
  type: string,
  values: readonly [string, string],
  refused: string | null,
  type2: string,
  arrives: readonly [string, string],
  { count = 1, setup }: { count?: number; setup?: string } = {},
): Choice => ({ policy, type, values, refused, type2, arrives, count, ...(setup ? { setup } : {}) });

const PAIRS: Readonly<Record<string, readonly Choice[]>> = {
  'duckdb to sqlite': [
    choice('nan=null', 'DOUBLE', ['1.5', "'nan'"], 'E_NAN_UNSUPPORTED', 'DOUBLE', ['1.5', NULL_TEXT]),
    choice('nan=text', 'DOUBLE', ['1.5', "'nan'"], 'E_NAN_UNSUPPORTED', 'DOUBLE', ['1.5', 'NaN']),
  ],
  'postgres to duckdb': [
    choice('infinity=null', 'interval', ["'P1D'", "'infinity'"], 'E_INTERVAL_INFINITY', 'INTERVAL', [
      '1 day',
      NULL_TEXT,
    ]),
    choice('empty_bit=null', 'varbit', ["'01'", "''"], 'E_EMPTY_BIT', 'BIT', ['01', NULL_TEXT]),
    choice(
      'pg_arrays=nested',
      'integer[]',
      ["'{{1,2},{3,4}}'", "'{5}'"],
      'E_ARRAY_SHAPE',
      'JSON',
      ['[[1,2],[3,4]]', '[5]'],
      { count: 2 },
    ),
    choice(
      'pg_arrays=rebase',
      'integer[]',
      ["'{1,2}'", "'[0:1]={3,4}'"],
      'E_ARRAY_SHAPE',
      'INTEGER[]',
      ['[1, 2]', '[3, 4]'],
      { count: 2 },
    ),
    choice(
      'pg_arrays=pg_text',
      'integer[]',
      ["'{1,2}'", "'[0:1]={3,4}'"],
      'E_ARRAY_SHAPE',
      'VARCHAR',
      ['{1,2}', '[0:1]={3,4}'],
      { count: 2 },
    ),
    choice(
      'bad_dates=text',
      'timestamp',
      ["'2024-01-01'", "'294250-01-01'"],
      'E_TIMESTAMP_RANGE',
      'VARCHAR',
      ['2024-01-01 00:00:00', '294250-01-01 00:00:00'],
      { count: 2 },
    ),
    choice('enum=text', 'size_of', ["'small'", "'big'"], null, 'VARCHAR', ['small', 'big'], {
      count: 2,
      setup: `CREATE TYPE size_of AS ENUM ('small', 'big')`,
    }),
  ],
  'duckdb to postgres': [
    choice(
      'ns=truncate',
      'TIMESTAMP_NS',
      ["'2024-01-01 00:00:00'", "'2024-01-01 00:00:00.123456789'"],
      'E_TIMESTAMP_PRECISION',
      'timestamp without time zone',
      ['2024-01-01 00:00:00', '2024-01-01 00:00:00.123456'],
    ),
    choice(
      'ns=text',
      'TIME_NS',
      ["'00:00:00'", "'12:00:00.123456789'"],
      'E_TIME_PRECISION',
      'text',
      ['00:00:00', '12:00:00.123456789'],
      { count: 2 },
    ),
    choice(
      'enum=text',
      `ENUM('a', '${'x'.repeat(64)}')`,
      ["'a'", `'${'x'.repeat(64)}'`],
      'E_ENUM_LABEL_TOO_LONG',
      'text',
      ['a', 'x'.repeat(64)],
      { count: 2 },
    ),
    choice('bad_dates=null', 'DATE', ["'2024-01-01'", "'5881580-07-10'"], 'E_DATE_RANGE', 'date', [
      '2024-01-01',
      NULL_TEXT,
    ]),
    choice(
      'bad_dates=text',
      'DATE',
      ["'2024-01-01'", "'5881580-07-10'"],
      'E_DATE_RANGE',
      'text',
      ['2024-01-01', '5881580-07-10'],
      { count: 2 },
    ),
    choice('nul=strip', 'VARCHAR', ["'a'", "'a' || chr(0) || 'b'"], 'E_NUL_IN_TEXT', 'text', ['a', 'ab']),
    choice('nul=replace', 'VARCHAR', ["'a'", "'a' || chr(0) || 'b'"], 'E_NUL_IN_TEXT', 'text', [
      'a',
      'a\ufffdb',
    ]),
    choice('nul=escape', 'VARCHAR', ["'a'", "'a' || chr(0) || 'b'"], 'E_NUL_IN_TEXT', 'text', ['a', 'a\\0b']),
  ],
  'sqlite to postgres': [
    choice('invalid_utf8=replace', 'TEXT', ["'a'", "CAST(x'41ff42' AS TEXT)"], 'E_INVALID_UTF8', 'text', [
      'a',
      'A\ufffdB',
    ]),
    choice(
      'invalid_utf8=blob',
      'TEXT',
      ["'a'", "CAST(x'41ff42' AS TEXT)"],
      'E_INVALID_UTF8',
      'bytea',
      ['\\x61', '\\x41ff42'],
      { count: 2 },
    ),
    choice('decimal=round', 'DECIMAL(10,2)', ['1.25', '1.255'], null, 'numeric(10,2)', ['1.25', '1.26']),
    choice('mixed=text', 'TEXT', ["'a'", '5'], null, 'text', ['a', '5'], { count: 0 }),
    choice('mixed=composite', '', ["'a'", '5'], 'E_MIXED_STORAGE', 'sqlite_any', ['(,,a,)', '(5,,,)'], {
      count: 2,
    }),
    choice('empty_as_null=null', 'INTEGER', ['5', "''"], 'E_MIXED_STORAGE', 'bigint', ['5', NULL_TEXT]),
    choice('bad_dates=null', 'DATE', ["'2024-02-28'", "'2024-02-30'"], null, 'date', [
      '2024-02-28',
      NULL_TEXT,
    ]),
    choice(
      'bad_dates=text',
      'DATE',
      ["'2024-02-28'", "'2024-02-30'"],
      null,
      'text',
      ['2024-02-28', '2024-02-30'],
      {
        count: 0,
      },
    ),
    choice(
      'sqlite_datetime=unix_s',
      'DATETIME',
      ['0', '1709210096'],
      null,
      'timestamp(0) without time zone',
      ['1970-01-01 00:00:00', '2024-02-29 12:34:56'],
      { count: 2 },
    ),
    choice(
      'sqlite_datetime=unix_ms',
      'DATETIME',
      ['0', '1709210096789'],
      null,
      'timestamp(3) without time zone',
      ['1970-01-01 00:00:00', '2024-02-29 12:34:56.789'],
      { count: 2 },
    ),
    choice(
      'sqlite_datetime=julian',
      'DATETIME',
      ['2440587.5', '2440588.25'],
      null,
      'timestamp without time zone',
      ['1970-01-01 00:00:00', '1970-01-01 18:00:00'],
      { count: 2 },
    ),
  ],
};

const tableOf = ({ policy }: Choice) => `p_${policy.replace('=', '_')}`;

/** Groups in which each key has one policy. */
function withoutRivals(choices: readonly Choice[]): Choice[][] {
  const groups: Choice[][] = [];
  for (const each of choices) {
    const key = each.policy.split('=')[0];
    const group = groups.find((list) => list.every((other) => other.policy.split('=')[0] !== key));
    if (group) group.push(each);
    else groups.push([each]);
  }
  return groups;
}

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.stop());
const folder = temporaryFolder({ after });
let places = 0;

async function place(engine: string): Promise<string> {
  return engine === 'postgres'
    ? server.createDatabase()
    : `${engine}:${join(folder, `${++places}.${engine}`)}`;
}

const TYPES: Readonly<Record<EngineName, string>> = {
  postgres: `SELECT c.relname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid WHERE a.attname = 'v' AND c.relkind = 'r'`,
  duckdb: `SELECT table_name, data_type FROM duckdb_columns() WHERE column_name = 'v' AND schema_name = 'main'`,
  sqlite: `SELECT m.name, c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE c.name = 'v'`,
};

/** What isn't as promised, a line each. */
async function judge(
  to: string,
  target: EngineName,
  choices: readonly Choice[],
  report: Report,
): Promise<string[]> {
  const types = new Map((await queryText(to, TYPES[target])) as [string, string][]);
  const lines: string[] = [];
  for (const each of choices) {
    const name = tableOf(each);
    const { error } = report.tableResults.find((result) => result.tableName === name) ?? {};
    if (error) {
      lines.push(`${each.policy}: ${error.code} ${error.message}`);
      continue;
    }
    const column = target === 'sqlite' ? 'v' : target === 'duckdb' ? 'CAST(v AS VARCHAR)' : 'v::text';
    const rows = (await queryText(to, `SELECT ${column} FROM ${name} ORDER BY id`)).map(([text]) => text);
    const used = report.allowedLosses.filter((loss) => loss.table === name);
    const expected = [each.type2, ...each.arrives, each.count === 0 ? '' : `v ${each.policy} ${each.count}`];
    const actual = [
      types.get(name),
      ...rows,
      used.map((loss) => `${loss.column} ${loss.policy} ${loss.count}`).join(),
    ];
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      lines.push(`${each.policy}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
  return lines;
}

for (const [pair, choices] of Object.entries(PAIRS)) {
  const [source, target] = pair.split(' to ') as [EngineName, EngineName];
  describe(pair, () => {
    let from: string;
    before(async () => {
      from = await place(source);
      const statements = choices.flatMap((each) => [
        ...(each.setup ? [each.setup] : []),
        `CREATE TABLE ${tableOf(each)} (id INTEGER PRIMARY KEY, v ${each.type})`,
        ...each.values.map((literal, at) => `INSERT INTO ${tableOf(each)} VALUES (${at + 1}, ${literal})`),
      ]);
      await runStatements(from, statements);
    });
    const migrate = async (to: string, options: Parameters<DatabaseMigrator['migrateAllTables']>[0]) => {
      await using migrator = new DatabaseMigrator(DatabaseFactory.create(from), DatabaseFactory.create(to));
      const report = await migrator.migrateAllTables({ keepGoing: true, ...options });
      assert.ok(report.tableResults.length > 0, JSON.stringify(report.error));
      return report;
    };

    test('without a policy the value is refused, and the error says which to choose', async () => {
      const report = await migrate(await place(target), {});
      const lines: string[] = [];
      for (const each of choices) {
        const { error } = report.tableResults.find((result) => result.tableName === tableOf(each)) ?? {};
        if ((error?.code ?? null) !== each.refused) lines.push(`${each.policy}: ${JSON.stringify(error)}`);
        else if (error && !each.policy.split('=').every((word) => error.hint?.includes(word)))
          lines.push(`${each.policy}: hint ${error.hint}`);
      }
      assert.deepEqual(lines, []);
    });

    test('with the policy for the run', async () => {
      const lines: string[] = [];
      for (const group of withoutRivals(choices)) {
        const to = await place(target);
        const report = await migrate(to, {
          includeTables: group.map(tableOf),
          allow: group.map((each) => each.policy),
        });
        lines.push(...(await judge(to, target, group, report)));
      }
      assert.deepEqual(lines, []);
    });

    test('with the policy for the column', async () => {
      const to = await place(target);
      const tableOptions = Object.fromEntries(
        choices.map((each) => [tableOf(each), { columnOptions: { v: { allow: [each.policy] } } }]),
      );
      const report = await migrate(to, { tableOptions });
      assert.deepEqual(await judge(to, target, choices, report), []);
    });
  });
}

test('no policy is without its test', () => {
  const known = Object.entries(POLICIES).flatMap(([key, list]) => list.map((policy) => `${key}=${policy}`));
  const tested = new Set(Object.values(PAIRS).flatMap((choices) => choices.map((each) => each.policy)));
  assert.deepEqual(
    known.filter((policy) => !tested.has(policy)),
    [],
  );
});
