// The plan: what becomes of tables and columns, and every reason why one can't be carried. Pure; no database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from '../../../src/dialect/dialect.ts';
import { duckdb } from '../../../src/dialect/duckdb/index.ts';
import { postgres } from '../../../src/dialect/postgres/index.ts';
import { sqlite } from '../../../src/dialect/sqlite/index.ts';
import type { FerrowError } from '../../../src/errors/ferrow-error.ts';
import { parseOptions, type TransferOptionsInput } from '../../../src/transfer/options.ts';
import { type Plan, planTransfer } from '../../../src/transfer/plan.ts';
import { selectTables } from '../../../src/transfer/select.ts';
import type {
  ColumnSchema,
  DatabaseSchema,
  ForeignKeySchema,
  TableSchema,
} from '../../../src/types/schema.ts';
import { columnSchema as column, tableSchema as table } from '../../support/schemas.ts';

const catalog = (dialect: Dialect, tables: readonly TableSchema[]): DatabaseSchema => ({
  engine: dialect.name,
  defaultSchema: dialect.quirks.defaultSchema,
  tables,
  views: [],
  types: [],
  others: [],
});

/** DuckDB to another engine: its types need no evidence. */
function plan(
  tables: readonly TableSchema[],
  target: Dialect,
  options: TransferOptionsInput = {},
  standing: readonly TableSchema[] = [],
): Plan {
  const sourceCatalog = catalog(duckdb, tables);
  return planTransfer({
    runId: 'run',
    source: duckdb,
    target,
    sourceCatalog,
    targetCatalog: catalog(target, standing),
    selected: selectTables(sourceCatalog, options.tables ?? [], options.exclude ?? []),
    views: [],
    evidence: new Map(),
    options: parseOptions(options),
  });
}

const codes = ({ refusals }: Plan) => refusals.map((refusal) => refusal.code);
const ID = column('id', 'INTEGER', { nullable: false });

test('names: default schema to default schema, others by name, staging never the name plus a suffix', () => {
  const { tables, refusals } = plan([table('Album', [ID]), table('x', [ID], { schema: 'sales' })], postgres);
  assert.deepEqual(refusals, []);
  assert.deepEqual(
    tables.map(({ load }) => [load.table.schema, load.table.name]),
    [
      ['public', 'Album'],
      ['sales', 'x'],
    ],
  );
  for (const { load } of tables) assert.match(load.staging.name, /^_ferrow_[0-9a-f]{8}_\d+$/);
});

test('two tables of one name in the target are both refused, and both named', () => {
  const found = plan([table('a', [ID]), table('a', [ID], { schema: 's' }), table('b', [ID])], sqlite);
  assert.deepEqual(codes(found), ['E_TABLE_NAME_COLLISION', 'E_TABLE_NAME_COLLISION']);
  assert.deepEqual(
    found.refusals.map(({ place }) => place.table),
    ['s.a', 'a'],
  );
  for (const { message } of found.refusals) assert.match(message, /"a" and "s\.a"/);
  assert.deepEqual(
    found.tables.map((each) => each.displayName),
    ['b'],
  );
  assert.deepEqual(codes(plan([table('T', [ID]), table('t', [ID], { schema: 's' })], sqlite)), [
    'E_TABLE_NAME_COLLISION',
    'E_TABLE_NAME_COLLISION',
  ]);
  const renamed = plan([table('a', [ID]), table('a', [ID], { schema: 's' })], sqlite, {
    rename: { 's.a': 'sa' },
  });
  assert.deepEqual(
    renamed.tables.map(({ load }) => load.table.name),
    ['a', 'sa'],
  );
});

test('names that are too long, and shapes that the target has not', () => {
  const long = 'ü'.repeat(32);
  assert.deepEqual(codes(plan([table(long, [ID])], postgres)), ['E_IDENTIFIER_TOO_LONG']);
  assert.deepEqual(codes(plan([table(long, [ID])], sqlite)), []);
  assert.deepEqual(codes(plan([table('t', [column(long, 'INTEGER')])], postgres)), ['E_IDENTIFIER_TOO_LONG']);
  const many = Array.from({ length: 1601 }, (_unused, i) => column(`c${i}`, 'INTEGER'));
  assert.deepEqual(codes(plan([table('t', many)], postgres)), ['E_TOO_MANY_COLUMNS']);
  assert.deepEqual(codes(plan([table('t', many.slice(1))], postgres)), []);
  assert.deepEqual(codes(plan([table('t', [])], sqlite)), ['E_NO_COLUMNS']);
  assert.deepEqual(codes(plan([table('t', [])], postgres)), []);
});

test('a plan tells every refusal at once, not the first only', () => {
  const bad = table('bad', [column('a', 'AN_EXTENSION'), column('b', 'VARIANT'), ID]);
  const found = plan([bad, table('worse', [column('c', 'ANOTHER')]), table('good', [ID])], postgres);
  assert.deepEqual(codes(found), ['E_UNSUPPORTED_TYPE', 'E_MIXED_STORAGE', 'E_UNSUPPORTED_TYPE']);
  assert.deepEqual(
    found.refusals.map(({ place }) => `${place.table}.${place.column}`),
    ['bad.a', 'bad.b', 'worse.c'],
  );
  assert.equal(found.tables.length, 1);
});

test('tables that stand in the target: fail, replace, append, data only', () => {
  const source = [table('t', [ID, column('name', 'VARCHAR')])];
  const standing = [
    table('t', [column('id', 'bigint'), column('name', 'text'), column('more', 'text')], {
      schema: 'public',
    }),
  ];
  const modes = (options: TransferOptionsInput, there = standing) => {
    const found = plan(source, postgres, options, there);
    return found.tables[0]?.load.mode ?? found.refusals[0].code;
  };
  assert.equal(modes({}), 'E_TABLE_EXISTS');
  assert.equal(modes({ ifExists: 'replace' }), 'replace');
  assert.equal(modes({ ifExists: 'append' }), 'append');
  assert.equal(modes({ dataOnly: true }), 'append');
  assert.equal(modes({ dataOnly: true }, []), 'E_TABLE_MISSING');
  assert.equal(modes({ tableOptions: { t: { ifExists: 'append' } } }), 'append');
});

test('appending: columns by name, types as they stand, and nothing left without a value', () => {
  const source = [table('t', [ID, column('name', 'VARCHAR')])];
  const onto = (columns: readonly ColumnSchema[]) =>
    plan(source, postgres, { ifExists: 'append' }, [table('t', columns, { schema: 'public' })]);
  const fits = onto([column('name', 'text'), column('id', 'smallint')]);
  assert.deepEqual(
    fits.tables[0].load.columns.map(({ name, wire }) => [name, wire.kind]),
    [
      ['id', 'int'],
      ['name', 'text'],
    ],
  );
  assert.deepEqual(codes(onto([column('id', 'bigint')])), ['E_COLUMN_MISSING']);
  assert.deepEqual(codes(onto([column('id', 'bytea'), column('name', 'text')])), ['E_TYPE_MISMATCH']);
  const must = column('must', 'text', { nullable: false });
  assert.deepEqual(codes(onto([column('id', 'bigint'), column('name', 'text'), must])), ['E_COLUMN_MISSING']);
});

test('projection takes keys and indexes along only whole; foreign keys need their table', () => {
  const key: ForeignKeySchema = {
    name: null,
    columns: ['boss'],
    references: { schema: 'main', name: 'boss' },
    referencedColumns: ['id'],
    onDelete: 'no action',
    onUpdate: 'no action',
    match: 'simple',
    deferrable: false,
    initiallyDeferred: false,
  };
  const staff = table('staff', [ID, column('boss', 'INTEGER')], {
    primaryKey: { name: null, columns: ['id'] },
    foreignKeys: [key],
  });
  const [alone] = plan([staff], postgres).tables;
  assert.deepEqual(
    alone.notCarried.map(({ object, table: where }) => [object, where]),
    [['foreign key', 'staff']],
  );
  const both = plan([staff, table('boss', [ID], { primaryKey: { name: null, columns: ['id'] } })], postgres);
  assert.deepEqual(
    both.tables.flatMap((each) => each.notCarried),
    [],
  );
  assert.deepEqual(both.tables[0].load.table.foreignKeys[0].references, { schema: 'public', name: 'boss' });
  const [part] = plan([staff], postgres, { columns: ['boss'] }).tables;
  assert.equal(part.load.table.primaryKey, null);
  assert.ok(part.notCarried.some(({ object }) => object === 'primary key'));
  assert.throws(
    () => plan([staff], postgres, { columns: ['bos'] }),
    (error: FerrowError) => error.code === 'E_NO_SUCH_COLUMN' && /"boss"/.test(error.hint),
  );
});

test('numbers that become text are marked, and the hash follows what is moved', () => {
  const wide = table('t', [column('d', 'DECIMAL(20,4)'), column('e', 'DECIMAL(10,2)')]);
  const [planned] = plan([wide], sqlite).tables;
  assert.deepEqual(
    planned.columns.map(({ asText, target }) => [target.nativeType, asText]),
    [
      ['DECIMAL_TEXT(20,4)', true],
      ['DECIMAL(10,2)', false],
    ],
  );
  const hash = plan([wide], sqlite).hash;
  assert.equal(plan([wide], sqlite).hash, hash);
  assert.notEqual(plan([wide], sqlite, { where: 'd > 1' }).hash, hash);
});

test('a name that nobody has is told with the nearest there is', () => {
  const tables = [table('Customer', [ID]), table('Album', [ID])];
  assert.throws(
    () => plan(tables, sqlite, { tables: ['Custmer'] }),
    (error: FerrowError) => error.code === 'E_NO_SUCH_TABLE' && /"Customer"/.test(error.hint),
  );
  assert.throws(
    () => plan(tables, sqlite, { rename: { Albun: 'x' } }),
    (error: FerrowError) => error.code === 'E_NO_SUCH_TABLE' && /"Album"/.test(error.hint),
  );
  assert.deepEqual(
    plan(tables, sqlite, { tables: ['*'], exclude: ['C*'] }).tables.map((each) => each.displayName),
    ['Album'],
  );
});

test('with --keep-going no foreign key points at a table that is refused', () => {
  const key: TableSchema['foreignKeys'][number] = {
    name: 'to_a',
    columns: ['id'],
    references: { schema: null, name: 'a' },
    referencedColumns: ['id'],
    onDelete: 'no action',
    onUpdate: 'no action',
    match: 'simple',
    deferrable: false,
    initiallyDeferred: false,
  };
  const tables = [
    table('a', [ID]),
    table('a', [ID], { schema: 's' }),
    table('b', [ID], { foreignKeys: [key] }),
  ];
  const [kept] = plan(tables, sqlite, { keepGoing: true }).tables;
  assert.deepEqual(kept.load.table.foreignKeys, []);
  assert.deepEqual(
    kept.notCarried.map(({ object, name }) => [object, name]),
    [['foreign key', 'to_a']],
  );
});
