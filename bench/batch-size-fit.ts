// From measured points to the model: for each pair of engines the bytes of a batch that lose least over all shapes.
// Prints; measures nothing.
import type { EngineName } from '../test/support/judge.ts';
import { ENGINES } from './places.ts';
import { count } from './table.ts';

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

interface Fit {
  readonly source: EngineName;
  readonly target: EngineName;
  readonly kib: number;
  /** Of the shape that loses most. */
  readonly loss: number;
  /** The same for the defaults as they are now. */
  readonly lossNow: number;
}

export function printFit(points: readonly BatchPoint[]): void {
  const write = (line = '') => process.stdout.write(`${line}\n`);
  const fits = ENGINES.flatMap((source) =>
    ENGINES.flatMap((target) => {
      const own = points.filter((point) => point.source === source && point.target === target);
      return own.length === 0 ? [] : [fitOf(source, target, own)];
    }),
  );
  write('rows/s (median) by KiB of a batch; the default is what a run does by itself\n');
  for (const line of measuredTable(points)) write(line);
  write('\n| pair | KiB | worst loss | worst loss of the defaults now |\n| --- | --- | --- | --- |');
  for (const { source, target, kib, loss, lossNow } of fits)
    write(`| ${source} to ${target} | ${kib} | ${percent(loss)} | ${percent(lossNow)} |`);
  write('\nfor src/transfer/batch-size.ts:\n');
  for (const source of ENGINES) {
    const entries = fits.filter((fit) => fit.source === source).map((fit) => `${fit.target}: ${fit.kib}`);
    if (entries.length > 0) write(`  ${source}: { ${entries.join(', ')} },`);
  }
  const worst = Math.max(...fits.map((fit) => fit.lossNow));
  const verdict = worst <= LOSS_MAX ? 'within' : 'ABOVE';
  write(`\nthe defaults lose ${percent(worst)} at most, ${verdict} the bound of ${percent(LOSS_MAX)}`);
}

function fitOf(source: EngineName, target: EngineName, points: readonly BatchPoint[]): Fit {
  const sizes = [...new Set(points.flatMap((point) => point.kib ?? []))].sort((a, b) => a - b);
  const losses = sizes.map((kib) => ({ kib, loss: worstLoss(points, kib) }));
  const least = Math.min(...losses.map(({ loss }) => loss));
  const chosen = losses.find(({ loss }) => loss <= least + SAME_LOSS) ?? losses[0];
  return { source, target, ...chosen, lossNow: worstLoss(points, null) };
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
