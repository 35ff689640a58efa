// A random sample of the source's rows, looked up in the target by key and compared value by value.
import { BUCKETS } from '../digest/buckets.ts';
import { type KeptRows, type Matched, matchRows } from '../digest/kept-rows.ts';
import type { TableSchema } from '../types/schema.ts';
import { keysCondition } from './key-rows.ts';
import type { TablePlan } from './plan-table.ts';
import { digestColumn, keyOf, notComparable, writtenAs } from './verify-columns.ts';
import type { Ends } from './verify-differences.ts';
import { keepSide, type Scanning } from './verify-scan.ts';
import type { Side, Sides } from './verify-sides.ts';

export const SAMPLE_ROWS = 1000;

export interface Sampled {
  readonly rows: number;
  readonly matched: Matched;
}

/** Compares about SAMPLE_ROWS rows, all of a table that has no more; the table has a key. */
export async function compareSample(
  sides: Sides,
  ends: Ends,
  sourceRows: number,
  scanning: Scanning,
): Promise<Sampled> {
  const picked = await pickRows(sides, ends, sourceRows, scanning);
  const found = await lookUp(sides.target, ends.target, sides, picked, scanning);
  const rows = picked.reduce((sum, piece) => sum + piece.rowCount, 0);
  return { rows, matched: matchRows(picked, found, true) };
}

const ALL = new Uint8Array(BUCKETS).fill(1);

/** By chance, the source's own: another sample each time. */
async function pickRows(
  { source, ...sides }: Sides,
  ends: Ends,
  sourceRows: number,
  scanning: Scanning,
): Promise<KeptRows[]> {
  // What the target can't hold was never written.
  const rules = { ...sides, wholeOnly: true };
  if (sourceRows <= SAMPLE_ROWS) return keepSide(source, ends.source, rules, ALL, scanning);
  const chance = ends.source.dialect.ddl.randomly(SAMPLE_ROWS / sourceRows);
  const where = source.where === null ? chance : `(\n${source.where}\n) AND ${chance}`;
  return keepSide({ ...source, where }, ends.source, rules, ALL, scanning);
}

/** The rows of `side` with the keys of those that were picked. */
async function lookUp(
  side: Side,
  end: Ends['target'],
  rules: Sides,
  picked: readonly KeptRows[],
  scanning: Scanning,
): Promise<KeptRows[]> {
  const { keyColumns } = rules;
  const names = keyColumns.map((at) => side.read[at].name);
  const places = picked.flatMap((piece) =>
    Array.from({ length: piece.rowCount }, (_, row) => ({
      columns: keyColumns.map((at) => piece.columns[at]),
      row,
    })),
  );
  const where = keysCondition(end.dialect.ddl, side.table, names, places);
  return keepSide({ ...side, where }, end, rules, ALL, scanning);
}

/** A table that has just arrived: its staging table holds the types in which the rows were written. */
export function stagedSides(plan: TablePlan, staged: TableSchema): Sides {
  const { source, where, batchRows, batchBytes } = plan;
  const columns = plan.columns.filter(({ crossing }) => notComparable(crossing) === null);
  const size = { batchRows, batchBytes };
  return {
    source: {
      table: source,
      where,
      ...size,
      read: columns.map(({ read }) => read),
      crossings: columns.map(({ crossing }) => crossing),
    },
    target: {
      table: staged,
      where: null,
      ...size,
      read: columns.map(({ write }) => ({ ...write, select: 'native' })),
      crossings: columns.map(({ crossing }) => writtenAs(crossing)),
    },
    digest: columns.map(digestColumn),
    columns,
    keyColumns: keyOf(source, columns),
    notCompared: [],
    incompatible: [],
  };
}
