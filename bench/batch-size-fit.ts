// From measured points to the model: for each pair of engines the bytes of a batch that lose least over all shapes.
// Measures nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EngineName } from '../test/support/judge.ts';
import { count } from './report/format.ts';
import { ENGINES } from './tables/places.ts';

/** One size of batch, one shape, one pair. */
export interface BatchPoint {
  readonly source: EngineName;
  readonly target: EngineName;
  readonly shape: string;
  /** Bound of a batch; null for what a run does by itself. */
  readonly kib: number | null;
  readonly batchSize: number;
  readonly rowsPerSecond: { readonly min: number; readonly median: number; readonly max: number };
}

/** The promise: never more than this behind the best of the grid. */
const LOSS_MAX = 0.15;
/** Of sizes that lose about the same the smallest is taken: it holds least memory. */
const SAME_LOSS = 0.03;
/** Below this a long run's ledger, a row for each chunk, grows out of proportion: 8,000 rows a GB at 128 KiB. */
const KIB_MIN = 512;
/** DuckDB holds what it reads and what it writes: with 4 MiB, texts of 1 to 10 KB took 595 MiB. */
const DUCKDB_TWICE_KIB_MAX = 2048;
const MODEL_FILE = resolve(import.meta.dirname, '../src/transfer/batch-size.ts');
const PAGE_FILE = resolve(import.meta.dirname, '../docs/batch-size.md');

interface Fit {
  readonly source: EngineName;
  readonly target: EngineName;
  readonly kib: number;
  /** Of the shape that loses most. */
  readonly loss: number;
  /** The same for the defaults at the time of measuring. */
  readonly lossThen: number;
}

export function fitsOf(points: readonly BatchPoint[]): readonly Fit[] {
  return ENGINES.flatMap((source) =>
    ENGINES.flatMap((target) => {
      const own = points.filter((point) => point.source === source && point.target === target);
      return own.length === 0 ? [] : [fitOf(source, target, own)];
    }),
  );
}

function fitOf(source: EngineName, target: EngineName, points: readonly BatchPoint[]): Fit {
  const measured = [...new Set(points.flatMap((point) => point.kib ?? []))].sort((a, b) => a - b);
  const most = source === 'duckdb' && target === 'duckdb' ? DUCKDB_TWICE_KIB_MAX : Number.POSITIVE_INFINITY;
  const sizes = measured.filter((kib) => kib >= KIB_MIN && kib <= most);
  const losses = sizes.map((kib) => ({ kib, loss: worstLoss(points, kib) }));
  const least = Math.min(...losses.map(({ loss }) => loss));
  const chosen = losses.find(({ loss }) => loss <= least + SAME_LOSS) ?? losses[0];
  return { source, target, ...chosen, lossThen: worstLoss(points, null) };
}

/** How far a size is behind the best of the grid, for the shape that suffers most. */
function worstLoss(points: readonly BatchPoint[], kib: number | null): number {
  const losses = points
    .filter((point) => point.kib === kib)
    .map((point) => {
      const others = points.filter((other) => other.shape === point.shape);
      const best = Math.max(...others.map((other) => other.rowsPerSecond.median));
      return 1 - point.rowsPerSecond.median / best;
    });
  return Math.max(...losses);
}

/** The fit and all that was measured, in Markdown. */
export function fitText(points: readonly BatchPoint[]): string {
  const fits = fitsOf(points);
  const then = Math.max(...fits.map((fit) => fit.lossThen));
  const chosen = Math.max(...fits.map((fit) => fit.loss));
  const verdict = chosen <= LOSS_MAX ? 'within' : 'ABOVE';
  return [
    '| pair | KiB | loses at most | the defaults at the time |',
    '| --- | --- | --- | --- |',
    ...fits.map(
      ({ source, target, kib, loss, lossThen }) =>
        `| ${source} to ${target} | ${kib} | ${percent(loss)} | ${percent(lossThen)} |`,
    ),
    '',
    `The sizes chosen lose ${percent(chosen)} at most, ${verdict} the bound of ${percent(LOSS_MAX)}; the defaults that were measured beside them lost ${percent(then)}.`,
    '',
    'Rows a second, medians, by KiB of a batch:',
    '',
    ...measuredTable(points),
  ].join('\n');
}

function measuredTable(points: readonly BatchPoint[]): string[] {
  const sizes = [...new Set(points.map((point) => point.kib))].sort((a, b) => (a ?? 0) - (b ?? 0));
  const rows = new Map<string, BatchPoint[]>();
  for (const point of points) {
    const name = `${point.source} to ${point.target}, ${point.shape}`;
    rows.set(name, [...(rows.get(name) ?? []), point]);
  }
  return [
    `| pair, shape | ${sizes.map((kib) => kib ?? 'default').join(' | ')} |`,
    `| --- |${' --- |'.repeat(sizes.length)}`,
    ...[...rows].map(([name, own]) => {
      const cells = sizes.map((kib) => {
        const point = own.find((each) => each.kib === kib);
        return point ? count(point.rowsPerSecond.median) : '';
      });
      return `| ${name} | ${cells.join(' | ')} |`;
    }),
  ];
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Puts the fit into the source and what was measured into the page; of all nine pairs only. */
export function writeFit(points: readonly BatchPoint[], when: string): void {
  const fits = fitsOf(points);
  if (fits.length !== ENGINES.length ** 2) throw new Error('the model needs all nine pairs');
  const lines = ENGINES.map((source) => {
    const own = fits.filter((fit) => fit.source === source);
    return `  ${source}: { ${own.map(({ target, kib }) => `${target}: ${kib}`).join(', ')} },`;
  });
  replace(MODEL_FILE, /(const BATCH_KIB[^\n]*= \{\n)[\s\S]*?(\n\};)/, lines.join('\n'));
  replace(PAGE_FILE, /(<!-- measured -->\n)[\s\S]*?(<!-- end -->)/, `${when}\n\n${fitText(points)}\n`);
}

function replace(file: string, place: RegExp, text: string): void {
  const before = readFileSync(file, 'utf8');
  if (!place.test(before)) throw new Error(`${file} has no place for the fit`);
  writeFileSync(
    file,
    before.replace(place, (_all, head: string, tail: string) => `${head}${text}${tail}`),
  );
}
