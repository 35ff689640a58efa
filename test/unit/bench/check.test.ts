// The judge of rivals: a fast wrong answer is seen to be wrong, and said to be wrong in what.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { findingsOf, stateOf, type TableState } from '../../../bench/rivals/check.ts';
import { generate, shapeNamed } from '../../../bench/tables/generate.ts';
import { type EngineName, runStatements } from '../../support/judge.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const SHAPE = shapeNamed('nulls');
const FILE = { sqlite: 'sqlite', duckdb: 'duckdb' } as const;

/** The shape's table in a new file, changed by `statements`, as the judge sees it. */
async function stateAfter(
  context: TestContext,
  engine: Exclude<EngineName, 'postgres'>,
  ...statements: string[]
): Promise<TableState> {
  const url = `${FILE[engine]}:${temporaryFolder(context)}/it`;
  await generate(url, { shape: SHAPE, rows: 60, seed: 0 });
  if (statements.length > 0) await runStatements(url, statements);
  return stateOf(url, SHAPE);
}

test('the same table is the same in SQLite and DuckDB', async (context) => {
  const sqlite = await stateAfter(context, 'sqlite');
  const duckdb = await stateAfter(context, 'duckdb');
  assert.deepEqual(findingsOf(SHAPE, 'duckdb', sqlite, duckdb), []);
  assert.deepEqual(findingsOf(SHAPE, 'sqlite', duckdb, sqlite), []);
});

test('another seed gives another table, the same seed the same', async (context) => {
  const states: TableState[] = [];
  for (const seed of [0, 7, 7]) {
    const url = `sqlite:${temporaryFolder(context)}/it`;
    await generate(url, { shape: SHAPE, rows: 60, seed });
    states.push(await stateOf(url, SHAPE));
  }
  assert.notDeepEqual(states[0], states[1]);
  assert.deepEqual(states[1], states[2]);
});

const wrong = async (context: TestContext, engine: 'sqlite' | 'duckdb', ...statements: string[]) => {
  const source = await stateAfter(context, engine);
  return findingsOf(SHAPE, engine, source, await stateAfter(context, engine, ...statements));
};

test('a lost row is seen', async (context) => {
  const findings = await wrong(context, 'sqlite', 'DELETE FROM nulls WHERE id = 7');
  assert.match(findings[0].text, /^59 rows, not 60$/);
  assert.equal(findings[0].kind, 'wrong');
});

test('a NULL that became a value is seen', async (context) => {
  const findings = await wrong(context, 'duckdb', "UPDATE nulls SET n4 = '' WHERE n4 IS NULL");
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['wrong'],
  );
  assert.match(findings[0].text, /^n4: 60 values, not \d+$/);
});

test('a changed cent is seen', async (context) => {
  const change =
    'UPDATE nulls SET n2 = n2 + 0.01 WHERE id = (SELECT min(id) FROM nulls WHERE n2 IS NOT NULL)';
  for (const engine of ['sqlite', 'duckdb'] as const) {
    const findings = await wrong(context, engine, change);
    assert.match(findings[0].text, /^n2: sum is \d+, not \d+$/);
  }
});

test('dates as text, and single precision, are wrong; double is only another type', async (context) => {
  const findings = await wrong(
    context,
    'duckdb',
    'ALTER TABLE nulls ALTER n3 TYPE VARCHAR',
    'ALTER TABLE nulls ALTER n2 TYPE FLOAT',
    'ALTER TABLE nulls ALTER n6 TYPE DOUBLE',
  );
  assert.deepEqual(findings.map(({ kind, text }) => `${kind} ${text}`).toSorted(), [
    'type n6: double in place of a decimal',
    'wrong n2: single precision in place of a decimal',
    'wrong n3: varchar in place of a date',
  ]);
});

test('in SQLite: dates as numbers are wrong, decimals as text are another type', async (context) => {
  const findings = await wrong(
    context,
    'sqlite',
    'CREATE TABLE other AS SELECT * FROM nulls',
    'DROP TABLE nulls',
    `CREATE TABLE nulls (id, n1, n2 TEXT, n3, n4, n5, n6, n7, n8, n9)`,
    'INSERT INTO nulls SELECT * FROM other',
    'UPDATE nulls SET n3 = CAST(julianday(n3) AS INTEGER)',
  );
  assert.deepEqual(findings.map(({ kind, text }) => `${kind} ${text.replace(/: sum is.*/, '')}`).toSorted(), [
    'type n2: decimals stored as text',
    'wrong n3: stored as integer, not as dates',
  ]);
});

test('a column that is missing is seen', async (context) => {
  const findings = await wrong(context, 'duckdb', 'ALTER TABLE nulls DROP n9');
  assert.deepEqual(findings, [{ kind: 'wrong', text: 'n9: column is missing' }]);
});
