// The options of `npm run bench`.
import { parseArgs } from 'node:util';
import { defaultEnvironmentFolder } from './rivals/environment.ts';
import { RIVALS, type Rival } from './rivals/rivals.ts';
import { shapeNamed, type TableSpec } from './tables/generate.ts';
import { type Pair, pairsNamed } from './tables/places.ts';

/** Rows of each shape in a full run: 280 MB of values of the first, 30 to 140 MB of the others. */
const FULL_ROWS = { lineitem: 2_000_000, narrow: 2_000_000, wide: 40_000, text: 25_000, nulls: 1_500_000 };
const FULL_ROUNDS = 3;
const QUICK_ROWS = { lineitem: 200_000 };
const GROWTH_ROWS = [100_000, 1_000_000, 10_000_000, 30_000_000];

export const HELP = `npm run bench -- [what] [options]

What:
  (nothing)        nine pairs over five shapes, ${FULL_ROUNDS} rounds: Ferrow, the floor and the rivals; then growth
  --quick          nine pairs over 200,000 rows of lineitem, 1 round, with floor and rivals: minutes
  --growth         only this: the same pair at growing numbers of rows; time a row and memory must stay flat
  --micro          codecs and kernels in ns per cell, beside their budget; fails where one makes a value per cell
  --memory         one large table; fails above 512 MiB (--gigabytes 5)

Options:
  --shapes A,B     of ${[...Object.keys(FULL_ROWS), 'huge'].join(', ')}
  --rows N         rows of each shape; with --growth, a list
  --seed N         other values in the generated tables (default 0)
  --pairs A:B,...  as in sqlite:postgres (default all nine; with --growth and --memory sqlite:postgres)
  --rounds N       rounds of each pair (default ${FULL_ROUNDS}, with --quick 1)
  --rivals A,B     only those whose name has one of these words in it; none for none
  --rivals-env DIR where the rivals' virtual environments are made and kept (default ${defaultEnvironmentFolder()})
  --output DIR     where the results are written (default bench/results)
`;

export interface BenchOptions {
  readonly what: 'pairs' | 'growth' | 'micro' | 'memory' | 'help';
  readonly tables: readonly TableSpec[];
  /** Pairs and numbers of rows; of a run that is not full, none. */
  readonly growth: { readonly pairs: readonly Pair[]; readonly rows: readonly number[] };
  readonly seed: number;
  readonly pairs: readonly Pair[];
  readonly rounds: number;
  readonly rivals: readonly Rival[];
  readonly environmentFolder: string;
  readonly outputFolder: string | null;
  readonly gigabytes: number;
}

/** @throws Error that says which option is wrong */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      micro: { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      shapes: { type: 'string' },
      rows: { type: 'string' },
      seed: { type: 'string', default: '0' },
      pairs: { type: 'string' },
      rounds: { type: 'string' },
      rivals: { type: 'string' },
      'rivals-env': { type: 'string', default: defaultEnvironmentFolder() },
      output: { type: 'string' },
      gigabytes: { type: 'string', default: '5' },
    },
  });
  const { quick, growth, micro, memory } = values;
  const what = memory ? 'memory' : micro ? 'micro' : growth ? 'growth' : 'pairs';
  const seed = whole('--seed', values.seed, 0);
  const rows = listOf(values.rows).map((text) => whole('--rows', text, 1));
  const rowsOf: Readonly<Record<string, number>> = quick ? QUICK_ROWS : FULL_ROWS;
  const shapes = values.shapes ? listOf(values.shapes) : Object.keys(rowsOf);
  const pairs = listOf(values.pairs ?? (memory ? 'sqlite:postgres' : ''));
  const full = !quick && !values.shapes && !values.rows && !values.pairs;
  const growthRows = rows.length > 0 ? rows : GROWTH_ROWS;
  return {
    what: values.help ? 'help' : what,
    tables: shapes.map((name) => ({
      shape: shapeNamed(name),
      rows: rows[0] ?? rowsOf[name] ?? Math.ceil(3e8 / shapeNamed(name).rowBytes),
      seed,
    })),
    growth: {
      pairs: pairsNamed(values.pairs ? pairs : ['sqlite:postgres']),
      rows: growth || full ? growthRows : [],
    },
    seed,
    pairs: pairsNamed(pairs),
    rounds: values.rounds ? whole('--rounds', values.rounds, 1) : quick ? 1 : FULL_ROUNDS,
    rivals: rivalsNamed(values.rivals),
    environmentFolder: values['rivals-env'],
    outputFolder: values.output ?? null,
    gigabytes: Number(values.gigabytes),
  };
}

function rivalsNamed(text: string | undefined): Rival[] {
  if (text === undefined) return [...RIVALS];
  if (text === 'none') return [];
  const words = listOf(text).map((word) => word.toLowerCase());
  const chosen = RIVALS.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word)));
  if (chosen.length > 0) return chosen;
  throw new Error(`no rival is named like ${text}; there are: ${RIVALS.map(({ name }) => name).join(', ')}`);
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').filter(Boolean);
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) {
    throw new Error(`${option} takes whole numbers from ${least} on, not ${text}`);
  }
  return number;
}
