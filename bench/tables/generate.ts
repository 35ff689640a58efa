// Fills a table of a shape inside the engine itself, by its fastest native means: no value passes through
// JavaScript. Also a command: node bench/tables/generate.ts --url duckdb:x.duckdb --rows 1000000
import { existsSync, renameSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type EngineName, engineOfUrl, pathOfUrl, runStatements } from '../../test/support/judge.ts';
import { SHAPES, type Shape, typeIn, valueIn } from './shapes.ts';

/** Rows per statement, so that no transaction grows without bound. */
const STEP_ROWS = 1_000_000;

/** What decides every value of a table. */
export interface TableSpec {
  readonly shape: Shape;
  readonly rows: number;
  /** Another seed, other values; the same seed, the same ones. */
  readonly seed: number;
}

/** The shape's SQL for one engine: rows `first` .. `last` as a SELECT. */
function rowsSelect(engine: EngineName, { shape, seed }: TableSpec, first: number, last: number): string {
  const values = shape.columns.map((column, at) => valueIn(engine, column, at)).join(', ');
  const seeded = `CROSS JOIN (SELECT CAST(${seed} AS BIGINT) AS seed) AS s`;
  switch (engine) {
    case 'postgres':
      return `SELECT ${values} FROM generate_series(${first}::bigint, ${last}::bigint) AS g(i) ${seeded}`;
    case 'duckdb':
      return `SELECT ${values} FROM range(${first}::BIGINT, ${last + 1}::BIGINT) AS g(i) ${seeded}`;
    case 'sqlite':
      return `WITH RECURSIVE g(i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM g WHERE i < ${last})
        SELECT ${values} FROM g ${seeded}`;
  }
}

/** `CREATE TABLE` of the shape, in the words of the engine. */
export function createTable(engine: EngineName, shape: Shape): string {
  const columns = shape.columns.map(({ name, kind }) => `${name} ${typeIn(engine, kind)}`).join(', ');
  return `CREATE TABLE ${shape.name} (${columns})`;
}

/** Makes the table, named as the shape, in the database at `url`. */
export async function generate(url: string, spec: TableSpec): Promise<void> {
  const engine = engineOfUrl(url);
  const { shape, rows } = spec;
  const create = createTable(engine, shape);
  // Unlogged: a source is only read, and WAL for it would measure the generator.
  const statements = [engine === 'postgres' ? create.replace('TABLE', 'UNLOGGED TABLE') : create];
  for (let first = 1; first <= rows; first += STEP_ROWS) {
    const last = Math.min(rows, first + STEP_ROWS - 1);
    statements.push(`INSERT INTO ${shape.name} ${rowsSelect(engine, spec, first, last)}`);
  }
  if (engine === 'postgres') statements.push(`VACUUM ANALYZE ${shape.name}`);
  await runStatements(url, statements);
}

/**
 * The same for a file, made under another name and renamed when whole, and kept: a file that is there already
 * is taken as it is.
 */
export async function generateFile(url: string, spec: TableSpec): Promise<void> {
  const path = pathOfUrl(url);
  if (existsSync(path)) return;
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  await generate(`${engineOfUrl(url)}:${unfinished}`, spec);
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
      seed: { type: 'string', default: '0' },
    },
  });
  if (!values.url) {
    const names = Object.values(SHAPES).map((shape) => `  ${shape.name.padEnd(9)} ${shape.what}`);
    process.stderr.write(
      `usage: generate.ts --url URL [--shape NAME] [--rows N | --gigabytes G] [--seed N]\n`,
    );
    process.stderr.write(`${names.join('\n')}\n`);
    process.exit(2);
  }
  const shape = shapeNamed(values.shape);
  const rows = values.rows ? Number(values.rows) : rowsFor(shape, Number(values.gigabytes));
  await generate(values.url, { shape, rows, seed: Number(values.seed) });
  process.stdout.write(`${rows} rows of ${shape.name}\n`);
}
