// Fills a table of a shape inside the engine itself, by its fastest native means: no value passes through
// JavaScript. Also a command: node bench/generate.ts --url duckdb:x.duckdb --shape lineitem --rows 1000000
import { existsSync, renameSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type EngineName, engineOfUrl, pathOfUrl, runStatements } from '../test/support/judge.ts';
import { SHAPES, type Shape, typeIn, valueIn } from './shapes.ts';

/** Rows per statement, so that no transaction grows without bound. */
const STEP_ROWS = 1_000_000;

/** The shape's SQL for one engine: rows `first` .. `last` as a SELECT. */
function rowsSelect(engine: EngineName, shape: Shape, first: number, last: number): string {
  const values = shape.columns.map((column, at) => valueIn(engine, column, at)).join(', ');
  switch (engine) {
    case 'postgres':
      return `SELECT ${values} FROM generate_series(${first}::bigint, ${last}::bigint) AS g(i)`;
    case 'duckdb':
      return `SELECT ${values} FROM range(${first}::BIGINT, ${last + 1}::BIGINT) AS g(i)`;
    case 'sqlite':
      return `WITH RECURSIVE g(i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM g WHERE i < ${last})
        SELECT ${values} FROM g`;
  }
}

/** Makes the table, named as the shape, with `rows` rows in the database at `url`. */
export async function generate(url: string, shape: Shape, rows: number): Promise<void> {
  const engine = engineOfUrl(url);
  const columns = shape.columns.map(({ name, kind }) => `${name} ${typeIn(engine, kind)}`).join(', ');
  // Unlogged: a source is only read, and WAL for it would measure the generator.
  const table = engine === 'postgres' ? 'UNLOGGED TABLE' : 'TABLE';
  const statements = [`CREATE ${table} ${shape.name} (${columns})`];
  for (let first = 1; first <= rows; first += STEP_ROWS) {
    const last = Math.min(rows, first + STEP_ROWS - 1);
    statements.push(`INSERT INTO ${shape.name} ${rowsSelect(engine, shape, first, last)}`);
  }
  if (engine === 'postgres') statements.push(`VACUUM ANALYZE ${shape.name}`);
  await runStatements(url, statements);
}

/**
 * The same for a file, made under another name and renamed when whole, and kept: a file that is there already
 * is taken as it is.
 */
export async function generateFile(url: string, shape: Shape, rows: number): Promise<void> {
  const path = pathOfUrl(url);
  if (existsSync(path)) return;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  await generate(`${engineOfUrl(url)}:${unfinished}`, shape, rows);
  renameSync(unfinished, path);
}

/** Rows that make about so many gigabytes (10^9 bytes) of values. */
export function rowsFor(shape: Shape, gigabytes: number): number {
  return Math.ceil((gigabytes * 1e9) / shape.rowBytes);
}

export function shapeNamed(name: string): Shape {
  const shape = SHAPES[name];
  if (!shape) throw new Error(`unknown shape ${name}; there are: ${Object.keys(SHAPES).join(', ')}`);
  return shape;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      shape: { type: 'string', default: 'lineitem' },
      rows: { type: 'string' },
      gigabytes: { type: 'string', default: '1' },
    },
  });
  if (!values.url) {
    const names = Object.values(SHAPES).map((shape) => `  ${shape.name.padEnd(9)} ${shape.what}`);
    process.stderr.write(`usage: generate.ts --url URL [--shape NAME] [--rows N | --gigabytes G]\n`);
    process.stderr.write(`${names.join('\n')}\n`);
    process.exit(2);
  }
  const shape = shapeNamed(values.shape);
  const rows = values.rows ? Number(values.rows) : rowsFor(shape, Number(values.gigabytes));
  await generate(values.url, shape, rows);
  process.stdout.write(`${rows} rows of ${shape.name}\n`);
}
