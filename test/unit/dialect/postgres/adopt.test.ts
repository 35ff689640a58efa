// Tables of other engines in PostgreSQL: what is carried works, what is not is listed. The server judges.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sqliteWords } from '../../../../src/dialect/sqlite/sql-words.ts';
import { loadGrammar, understandExpression } from '../../../../src/sql/sql.ts';
import type { ColumnSchema, DefaultValue, IndexSchema, Meaning } from '../../../../src/types/schema.ts';
import { type PostgresServer, runSql, startPostgres } from '../../../support/postgres.ts';
import { columnSchema as column } from '../../../support/schemas.ts';
import { catalogOf, makeTables, table } from './make-tables.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
  await loadGrammar();
});
after(() => server.stop());

/** The columns as SQLite has them. */
const IN_SQLITE: readonly ColumnSchema[] = [
  column('Sp "ace', 'INTEGER', { nullable: false }),
  column('text', 'TEXT'),
  column('n', 'INTEGER'),
];

function means(sql: string, as: 'condition' | 'value' = 'condition'): Meaning {
  const meaning = understandExpression(sql, sqliteWords, IN_SQLITE, as);
  assert.equal(meaning.unknown, undefined);
  return meaning;
}

function index(name: string, more: Partial<IndexSchema>): IndexSchema {
  return {
    name,
    unique: false,
    parts: [],
    where: null,
    method: 'btree',
    plain: true,
    definition: `CREATE INDEX ${name}`,
    ...more,
  };
}

test('checks, generated columns, defaults and indexes that mean the same work; the others are listed', async () => {
  const url = await server.createDatabase();
  const long = `${'long '.repeat(14)}name`;
  const expression = (sql: string): DefaultValue => ({ kind: 'expression', sql, ...means(sql, 'value') });
  const made = table(
    'Odd "table" né',
    [
      column('Sp "ace', 'bigint', { nullable: false, identity: { kind: 'autoincrement', next: '50' } }),
      column('text', 'text', {
        default: { kind: 'text', value: `it's \\ "q"`, sql: '…' },
        comment: 'nul \0 here',
      }),
      column('n', 'bigint', { default: expression('1 + 2') }),
      column('twice', 'bigint', {
        generated: { expression: 'n * 2', stored: false, ...means('n * 2', 'value') },
      }),
      column('odd', 'text', {
        default: { kind: 'expression', sql: 'soundex(1)', unknown: 'the function soundex' },
      }),
      column('cased', 'text', { collation: 'NOCASE' }),
    ],
    {
      primaryKey: { name: null, columns: ['Sp "ace'] },
      checks: [
        { name: 'positive', expression: 'n > 0', ...means('n > 0') },
        { name: null, expression: `text <> 'no'`, ...means(`text <> 'no'`) },
        { name: 'broken', expression: 'n < 5', ...means('n < 5') },
        { name: 'strange', expression: 'soundex(text) = 1', unknown: 'the function soundex' },
      ],
      indexes: [
        index(long, { parts: [{ column: 'n', expression: null, descending: true, collation: null }] }),
        index('some', {
          unique: true,
          parts: [
            {
              column: null,
              expression: 'n + 1',
              descending: false,
              collation: null,
              ...means('n + 1', 'value'),
            },
          ],
          where: 'n > 1',
          whereMeaning: means('n > 1'),
        }),
        index('nocase', {
          parts: [{ column: 'text', expression: null, descending: false, collation: 'NOCASE' }],
        }),
      ],
    },
  );
  const rows = { 'Odd "table" né': `(1, 'a', 1, 'o', 'c'), (60, NULL, 9, 'o', 'c')` };
  const listed = await makeTables(url, [made], { from: 'sqlite', rows });
  assert.deepEqual(
    listed.map(({ object, name, instead }) => `${object} ${name}${instead ? ` ${instead}` : ''}`).sort(),
    [
      'check broken',
      'check strange',
      'collation NOCASE',
      'comment text without NUL',
      'default soundex(1)',
      `index ${long} as ${listed.find((each) => each.instead?.startsWith('as'))?.instead?.slice(3)}`,
      'index nocase',
    ],
  );
  assert.match(listed.find((each) => each.name === 'strange')?.reason ?? '', /soundex/);
  const quoted = '"Odd ""table"" né"';
  const insert = `INSERT INTO ${quoted} DEFAULT VALUES RETURNING "Sp ""ace"::int, text, n::int, twice::int`;
  const [{ rows: inserted }] = await runSql(url, insert);
  assert.deepEqual(Object.values(inserted[0]), [61, `it's \\ "q"`, 3, 6]);
  await assert.rejects(runSql(url, `INSERT INTO ${quoted} (n) VALUES (0)`), /positive/);
  await assert.rejects(runSql(url, `INSERT INTO ${quoted} (text) VALUES ('no')`), /check constraint/);
  await assert.rejects(runSql(url, `INSERT INTO ${quoted} (n) VALUES (9)`), /"some"/);
  await runSql(url, `INSERT INTO ${quoted} (n) VALUES (1)`);
});

test('sequences of DuckDB: one column’s own, shared, and where NULLs are', async () => {
  const url = await server.createDatabase();
  const shared: DefaultValue = {
    kind: 'sequence',
    sequence: '"main"."both"',
    sql: `nextval('both')`,
    next: '30',
    options: { increment: '10', name: { schema: 'main', name: 'both' } },
  };
  const own: DefaultValue = {
    kind: 'sequence',
    sequence: 'own',
    sql: `nextval('own')`,
    options: { name: { schema: 'main', name: 'own' } },
  };
  const tables = [
    table('a', [
      column('id', 'integer', { nullable: false, default: own, identity: { kind: 'serial', next: '4' } }),
      column('x', 'bigint', { default: shared }),
    ]),
    table('b', [
      column('x', 'numeric(39,0)', { default: shared }),
      column('y', 'integer', { default: { ...own, next: '9' }, identity: { kind: 'serial', next: '9' } }),
    ]),
  ];
  const rows = { a: '(1, 10), (2, 20)', b: '(NULL, NULL)' };
  assert.deepEqual(await makeTables(url, tables, { from: 'duckdb', rows }), []);
  const insert = async (name: string) =>
    Object.values((await runSql(url, `INSERT INTO ${name} DEFAULT VALUES RETURNING *`))[0].rows[0]).map(
      Number,
    );
  assert.deepEqual(await insert('a'), [4, 30]);
  assert.deepEqual(await insert('b'), [40, 9]);
  assert.deepEqual(await insert('a'), [5, 50]);
});

test('what columns were is kept, and forgotten when the column is another', async () => {
  const url = await server.createDatabase();
  const origins = ['a', 'b'].map((each) => ({
    column: each,
    made: 'whatever',
    origin: { engine: 'duckdb' as const, nativeType: each === 'a' ? 'UTINYINT' : 'VARCHAR' },
  }));
  const made = table('"T" né', [column('a', 'smallint'), column('b', 'varchar(3)')]);
  await makeTables(url, [made], { from: 'duckdb', load: { origins } });
  const origin = async () =>
    (await catalogOf(url)).tables[0].columns.map((each) => each.origin?.nativeType ?? null);
  assert.deepEqual(await origin(), ['UTINYINT', 'VARCHAR']);
  await runSql(url, `ALTER TABLE """T"" né" ALTER b TYPE text`);
  assert.deepEqual(await origin(), ['UTINYINT', null]);
  await makeTables(url, [made], { from: 'duckdb', mode: 'replace' });
  assert.deepEqual(await origin(), [null, null]);
  assert.ok((await catalogOf(url)).tables.every((each) => each.schema === 'public'));
});
