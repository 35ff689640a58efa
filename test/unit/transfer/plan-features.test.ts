// The plan beside tables and rows: refused columns, the way home, generated columns, user types, views. Pure; no
// database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from '../../../src/dialect/dialect.ts';
import { duckdb } from '../../../src/dialect/duckdb/index.ts';
import { postgres } from '../../../src/dialect/postgres/index.ts';
import { sqlite } from '../../../src/dialect/sqlite/index.ts';
import { parseOptions, type TransferOptionsInput } from '../../../src/transfer/options.ts';
import { type Plan, planTransfer } from '../../../src/transfer/plan.ts';
import { select } from '../../../src/transfer/select.ts';
import { notCarriedWarnings, otherWarnings } from '../../../src/transfer/warnings.ts';
import type { ColumnEvidence } from '../../../src/types/evidence.ts';
import type { DatabaseSchema, TableSchema, UserType, ViewSchema } from '../../../src/types/schema.ts';
import { columnSchema as column, tableSchema } from '../../support/schemas.ts';

const catalog = (dialect: Dialect, facts: Partial<DatabaseSchema>): DatabaseSchema => ({
  engine: dialect.name,
  defaultSchema: dialect.quirks.defaultSchema,
  tables: [],
  views: [],
  types: [],
  others: [],
  ...facts,
});

interface Case {
  readonly from: Dialect;
  readonly to: Dialect;
  readonly source: Partial<DatabaseSchema>;
  readonly target?: Partial<DatabaseSchema>;
  readonly options?: TransferOptionsInput;
  readonly evidence?: ReadonlyMap<string, ReadonlyMap<string, ColumnEvidence>>;
}

function plan({ from, to, source, target = {}, options = {}, evidence = new Map() }: Case): Plan {
  const sourceCatalog = catalog(from, source);
  const parsed = parseOptions(options);
  const { tables, views } = select(sourceCatalog, parsed.tables, parsed.exclude, parsed.materializedViews);
  return planTransfer({
    runId: 'run',
    source: from,
    target: to,
    sourceCatalog,
    targetCatalog: catalog(to, target),
    selected: tables,
    views,
    evidence,
    options: parsed,
  });
}

const lite = (name: string, columns: TableSchema['columns'], facts: Partial<TableSchema> = {}) =>
  tableSchema(name, columns, { schema: null, ...facts });
const view = (name: string, facts: Partial<ViewSchema> = {}): ViewSchema => ({
  schema: null,
  name,
  materialized: false,
  columns: ['id'],
  sql: 'SELECT id FROM t',
  reads: [{ schema: null, name: 't' }],
  comment: null,
  ...facts,
});
const ID = column('id', 'INTEGER');

test('a refused table shows all of its columns, and with what a refused one could pass', () => {
  const storage = { integer: 3, real: 0, text: 1, blob: 1 };
  const mixed: ColumnEvidence = {
    rowCount: 5,
    nullCount: 0,
    storage,
    firstOffending: { what: 'a blob', row: { id: '4' }, value: 'x' },
  };
  const whole: ColumnEvidence = {
    rowCount: 5,
    nullCount: 0,
    storage: { ...storage, integer: 5, text: 0, blob: 0 },
  };
  const found = plan({
    from: sqlite,
    to: postgres,
    source: { tables: [lite('t', [ID, column('v', 'INTEGER')])] },
    evidence: new Map([
      [
        't',
        new Map([
          ['id', whole],
          ['v', mixed],
        ]),
      ],
    ]),
  });
  assert.deepEqual(found.tables, []);
  const [refused] = found.refusedTables;
  assert.deepEqual(
    refused.mappings.map(({ source, verdict }) => [source, verdict]),
    [
      ['id', 'exact'],
      ['v', 'refused'],
    ],
  );
  const [, v] = refused.mappings;
  assert.deepEqual(v.refusedWith, ['E_MIXED_STORAGE']);
  assert.deepEqual(v.policies, ['mixed=composite']);
  assert.equal(v.evidence, mixed);
  const [error] = found.refusals;
  assert.deepEqual([error.code, error.place.row, error.value], ['E_MIXED_STORAGE', { id: '4' }, 'x']);
  assert.match(error.hint, /mixed=composite/);
});

test('within an engine too, a computed column brings its values where the target does not compute it', () => {
  const computed = (name: string, expression: string) =>
    column(name, 'INTEGER', { generated: { expression, stored: true } });
  const source = { tables: [lite('t', [ID, computed('known', 'id + 1'), computed('unread', '')])] };
  const [{ load, notCarried }] = plan({ from: sqlite, to: sqlite, source }).tables;
  assert.deepEqual(
    load.columns.map(({ name }) => name),
    ['id', 'unread'],
  );
  assert.deepEqual(
    notCarried.map(({ object, name }) => [object, name]),
    [['generated column', 'unread']],
  );
});

test('a column that comes home gets its own type, unless the user does not want it', () => {
  const origin = { engine: 'duckdb' as const, nativeType: 'UTINYINT' };
  const source = { tables: [lite('t', [column('c', 'INTEGER', { origin })])] };
  const whole = { rowCount: 1, nullCount: 0, storage: { integer: 1, real: 0, text: 0, blob: 0 } };
  const evidence = new Map([['t', new Map([['c', { ...whole, integers: { min: '1', max: '9' } }]])]]);
  const typeOf = (options: TransferOptionsInput) => {
    const [table] = plan({ from: sqlite, to: duckdb, source, options, evidence }).tables;
    return [table.load.table.columns[0].nativeType, table.mappings[0].because];
  };
  const [home, because] = typeOf({});
  assert.equal(home, 'UTINYINT');
  assert.match(`${because}`, /^it was UTINYINT in DuckDB before/);
  assert.notEqual(typeOf({ restoreTypes: false })[0], 'UTINYINT');
  const [kept] = plan({ from: sqlite, to: duckdb, source, evidence }).tables;
  assert.deepEqual(kept.load.origins, [
    { column: 'c', made: 'UTINYINT', origin: { engine: 'sqlite', nativeType: 'INTEGER' } },
  ]);
});

test('generated columns: computed by the target, or carried as values and listed', () => {
  const generated = { expression: 'id + soundex(id)', stored: true, unknown: 'the function soundex' };
  const columns = [ID, column('g', 'INTEGER', { generated })];
  const [carried] = plan({
    from: duckdb,
    to: postgres,
    source: { tables: [tableSchema('t', columns)] },
  }).tables;
  assert.deepEqual(
    carried.load.columns.map((each) => each.name),
    ['id', 'g'],
  );
  assert.equal(carried.load.table.columns[1].generated, null);
  const [listed] = carried.notCarried;
  assert.deepEqual([listed.object, listed.column], ['generated column', 'g']);
  const [same] = plan({ from: sqlite, to: sqlite, source: { tables: [lite('t', columns)] } }).tables;
  assert.deepEqual(
    same.load.columns.map((each) => each.name),
    ['id'],
  );
  assert.match(`${same.mappings[1].because}`, /the target computes it/);
  const taken = plan({
    from: duckdb,
    to: postgres,
    source: { tables: [tableSchema('t', [ID, column('g', 'INTEGER')])] },
    target: {
      tables: [
        tableSchema('t', [column('id', 'integer'), column('g', 'integer', { generated })], {
          schema: 'public',
        }),
      ],
    },
    options: { ifExists: 'append' },
  });
  assert.deepEqual(
    taken.refusals.map(({ code, place }) => [code, place.column]),
    [['E_TYPE_MISMATCH', 'g']],
  );
});

test('a type of the target with another definition stands in the way, an equal one does not', () => {
  const mood = (labels: readonly string[]): UserType => ({
    schema: 'public',
    name: 'mood',
    kind: 'enum',
    labels,
  });
  const facts = { kind: 'enum', labels: ['sad', 'glad'], schema: 'public', name: 'mood' };
  const source = {
    tables: [
      tableSchema('t', [column('m', 'mood', { needs: [mood(['sad', 'glad'])], typeFacts: facts })], {
        schema: 'public',
      }),
    ],
  };
  const codes = (types: readonly UserType[]) =>
    plan({ from: postgres, to: postgres, source, target: { types } }).refusals.map(({ code }) => code);
  assert.deepEqual(codes([]), codes([mood(['sad', 'glad'])]));
  assert.ok(codes([mood(['glad', 'sad'])]).includes('E_TYPE_EXISTS'));
});

test('views come along with their tables, in their order, or are listed with the reason', () => {
  const source = {
    tables: [lite('t', [ID]), lite('u', [ID])],
    views: [
      view('a'),
      view('b', { sql: 'SELECT id FROM a', reads: [{ schema: null, name: 'a' }] }),
      view('c', { sql: 'SELECT id FROM u', reads: [{ schema: null, name: 'u' }] }),
    ],
  };
  const names = (options: TransferOptionsInput, target: Partial<DatabaseSchema> = {}) => {
    const found = plan({ from: sqlite, to: sqlite, source, options, target });
    return found.refusals[0]?.code ?? found.views.map((each) => each.displayName).join();
  };
  assert.equal(names({}), 'a,b,c');
  assert.equal(names({ tables: ['t', 'a'] }), 'a');
  assert.equal(names({ exclude: ['b'] }), 'a,c');
  assert.equal(names({ dataOnly: true }, { tables: source.tables }), '');
  assert.equal(names({}, { views: [view('a')] }), 'E_TABLE_EXISTS');
  assert.equal(names({ ifExists: 'replace' }, { views: [view('a')] }), 'a,b,c');
  assert.equal(names({ ifExists: 'append' }, { views: [view('a')] }), 'b,c');
  assert.equal(names({ ifExists: 'replace' }, { tables: [lite('a', [ID])] }), 'E_TABLE_EXISTS');
  const alone = plan({ from: sqlite, to: sqlite, source, options: { exclude: ['u'] } });
  const [warning] = notCarriedWarnings(alone);
  assert.deepEqual([warning.code, warning.object, warning.name], ['W_NOT_CARRIED', 'view', 'c']);
});

test('views that are made again are named to the tables that are replaced, the last made first', () => {
  const source = {
    tables: [lite('t', [ID])],
    views: [view('a'), view('b', { sql: 'SELECT id FROM a', reads: [{ schema: null, name: 'a' }] })],
  };
  const { tables } = plan({
    from: sqlite,
    to: sqlite,
    source,
    target: source,
    options: { ifExists: 'replace' },
  });
  assert.deepEqual(
    tables[0].load.remade?.map(({ name }) => name),
    ['b', 'a'],
  );
});

test('materialised views: as views, or as tables by option', () => {
  const asTable = tableSchema('m', [column('id', 'integer')], { schema: 'public' });
  const source = {
    views: [
      view('m', {
        schema: 'public',
        materialized: true,
        sql: 'SELECT 1 AS id',
        reads: [],
        unknown: 'x',
        asTable,
      }),
    ],
  };
  const left = plan({ from: postgres, to: sqlite, source });
  assert.deepEqual([left.tables.length, left.views.length], [0, 0]);
  const [warning] = notCarriedWarnings(left);
  assert.match(`${warning.hint}`, /--materialized-views table/);
  const moved = plan({ from: postgres, to: sqlite, source, options: { materializedViews: 'table' } });
  assert.deepEqual(
    moved.tables.map(({ load, source: from }) => [load.table.name, from.materializedView]),
    [['m', true]],
  );
  assert.deepEqual(moved.notCarried, []);
});

test('what is left behind is named with its reason, once', () => {
  const mood: UserType = { schema: 'public', name: 'mood', kind: 'enum', labels: ['a'] };
  const found = catalog(postgres, {
    tables: [tableSchema('t', [column('m', 'mood', { needs: [mood] })], { schema: 'public' })],
    types: [mood, { ...mood, name: 'unused' }],
    others: [
      { schema: 'public', name: 'f(integer)', kind: 'function', table: null, definition: null },
      { schema: 'public', name: 'tr', kind: 'trigger', table: 't', definition: null },
      {
        schema: 'public',
        name: 'o',
        kind: 'table option',
        table: 't',
        definition: null,
        carriedToSame: true,
      },
    ],
  });
  const { tables } = select(found, [], []);
  const planned = plan({ from: postgres, to: sqlite, source: found });
  const named = (include: string[], target: Dialect) =>
    otherWarnings(found, tables, planned, include, target.name).map(
      ({ object, name }) => `${object} ${name}`,
    );
  const enums = planned.tables.length > 0 ? ['type unused'] : ['type mood', 'type unused'];
  assert.deepEqual(named([], sqlite), ['function f(integer)', 'trigger tr', 'table option o', ...enums]);
  assert.deepEqual(named(['t'], postgres), ['trigger tr']);
});
