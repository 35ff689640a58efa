// The comparison of one table: what its entry in the report says.

import { digestText, sameDigest } from '../digest/digest.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TableName, TableSchema } from '../types/schema.ts';
import { displayName } from '../types/schema.ts';
import type { TablePlan } from './plan-table.ts';
import type { VerifyLevel } from './report.ts';
import type { TableComparison } from './schema-compare.ts';
import { round } from './table-run.ts';
import { DifferenceBook, differingRows, type Ends } from './verify-differences.ts';
import { compareStanding, type FigureDifference } from './verify-figures.ts';
import type { TableVerification } from './verify-report.ts';
import { compareSample } from './verify-sample.ts';
import { digestSide, type Scanning } from './verify-scan.ts';
import type { Comparing } from './verify-session.ts';
import { type Reading, type Sides, sidesOf } from './verify-sides.ts';

export interface TableTask {
  readonly plan: TablePlan;
  /** As it stands in the target; null if it does not. */
  readonly standing: TableSchema | null;
  readonly comparison: TableComparison;
  /** Only some columns were asked for. */
  readonly projected: boolean;
  /** Columns that the plan had to leave out. */
  readonly leftOut: TableVerification['notCompared'];
}

export interface Verifying {
  readonly comparing: Comparing;
  readonly scanning: Scanning;
  readonly level: VerifyLevel;
  readonly maxDifferences: number;
}

type Found = Pick<
  TableVerification,
  | 'level'
  | 'contentMatch'
  | 'sourceHash'
  | 'targetHash'
  | 'sourcePartitions'
  | 'differences'
  | 'rows'
  | 'figures'
  | 'sampledRows'
  | 'notCompared'
> & { readonly incompatible?: readonly string[] };

const NOTHING: Found = {
  level: null,
  contentMatch: null,
  sourceHash: null,
  targetHash: null,
  sourcePartitions: [],
  differences: null,
  rows: [],
  figures: [],
  sampledRows: null,
  notCompared: [],
};

/** An entry in any case: what keeps a table from being compared is in it. */
export async function verifyTable(task: TableTask, verifying: Verifying): Promise<TableVerification> {
  const { plan, standing, leftOut } = task;
  const { comparing, level } = verifying;
  const started = performance.now();
  const base = {
    tableName: plan.displayName,
    targetName: displayName(plan.load.table, comparing.target.dialect.quirks.defaultSchema),
    targetExists: standing !== null,
  };
  const schemaDifferences = differencesOf(task);
  const seconds = () => round((performance.now() - started) / 1000);
  try {
    const sourceRows = await comparing.source.engine.countRows(plan.source, plan.where);
    if (standing === null) return missingTable(base, sourceRows, seconds());
    const targetRows = await comparing.target.engine.countRows(standing, null);
    const rowCountMatch = sourceRows === targetRows;
    const found = await compareContent(plan, standing, verifying, sourceRows, level);
    const { incompatible = [], ...content } = found;
    const refused = leftOut.map(({ column, reason }) => `column "${column}": ${reason}`);
    const differing = [...schemaDifferences, ...refused, ...incompatible];
    const schemaCompatible = differing.length === 0;
    return {
      ...base,
      ...content,
      sourceRows,
      targetRows,
      rowCountMatch,
      schemaCompatible,
      schemaDifferences: differing,
      notCompared: [...leftOut, ...content.notCompared],
      error: null,
      equal: rowCountMatch && schemaCompatible && content.contentMatch !== false,
      elapsedSeconds: seconds(),
    };
  } catch (error) {
    if (verifying.scanning.signal.aborted) throw error;
    return failedTable(
      base,
      schemaDifferences,
      FerrowError.from(error, 'E_READ', { table: plan.displayName }),
      seconds(),
    );
  }
}

/** What is in one of the two only. */
export function differencesOf({ standing, comparison, projected }: TableTask): string[] {
  if (standing === null) return ['the target has no such table'];
  const { missingInTarget, missingInSource } = comparison;
  return [
    ...missingInTarget.map((name) => `column "${name}" is missing in the target`),
    ...(projected ? [] : missingInSource.map((name) => `column "${name}" is in the target only`)),
  ];
}

type Base = Pick<TableVerification, 'tableName' | 'targetName' | 'targetExists'>;

function missingTable(base: Base, sourceRows: number, elapsedSeconds: number): TableVerification {
  return {
    ...base,
    ...NOTHING,
    sourceRows,
    targetRows: null,
    rowCountMatch: false,
    schemaCompatible: false,
    schemaDifferences: ['the target has no such table'],
    error: null,
    equal: false,
    elapsedSeconds,
  };
}

export function failedTable(
  base: Base,
  schemaDifferences: readonly string[],
  error: FerrowError,
  elapsedSeconds: number,
): TableVerification {
  return {
    ...base,
    ...NOTHING,
    sourceRows: null,
    targetRows: null,
    rowCountMatch: false,
    schemaCompatible: false,
    schemaDifferences,
    error: error.toWire(),
    equal: false,
    elapsedSeconds,
  };
}

/** Read as it would have been written first; where that does not decode, as it is stored. */
async function compareContent(
  plan: TablePlan,
  standing: TableSchema,
  verifying: Verifying,
  sourceRows: number,
  level: VerifyLevel,
): Promise<Found> {
  if (level === 'none' || level === 'count') return { ...NOTHING, level };
  const attempt = (reading: Reading) => {
    const { source, target } = verifying.comparing;
    const sides = sidesOf(plan, standing, source.dialect, target.dialect, reading);
    const found = level === 'full' ? compareAll(sides, verifying) : compareSome(sides, verifying, sourceRows);
    const { notCompared, incompatible } = sides;
    return found.then((each) => ({
      ...each,
      incompatible,
      notCompared: [...notCompared, ...each.notCompared],
    }));
  };
  try {
    return await attempt('as-written');
  } catch (error) {
    if (!isOfValues(error)) throw error;
    return await attempt('as-stored').catch(() => {
      throw error;
    });
  }
}

/** A value of another kind than was looked for; what concerns connections and files stays what it is. */
export function isOfValues(error: unknown): boolean {
  if (!(error instanceof FerrowError)) return false;
  return !['connect', 'cancelled', 'resource', 'usage'].includes(error.kind);
}

async function compareAll(sides: Sides, verifying: Verifying): Promise<Found> {
  const { comparing, scanning, maxDifferences } = verifying;
  const ends: Ends = comparing;
  if (sides.columns.length === 0) return nothingToCompare('full');
  const [source, target] = await Promise.all([
    digestSide(sides.source, ends.source, sides, scanning),
    digestSide(sides.target, ends.target, sides, scanning),
  ]);
  const hashes = {
    sourceHash: digestText(source.digest.rows),
    targetHash: digestText(target.digest.rows),
    sourcePartitions: source.partitions,
  };
  if (sameDigest(source.digest, target.digest)) {
    const figures = await figuresOf(sides, comparing);
    const contentMatch = figures.length === 0;
    const differences = { missing: 0, extra: 0, changed: 0, atLeast: false };
    return { ...NOTHING, level: 'full', contentMatch, ...hashes, differences, figures };
  }
  const book = new DifferenceBook(sides, maxDifferences);
  let atLeast = false;
  for await (const { matched, isLast } of differingRows(sides, ends, { source, target }, scanning)) {
    book.add(matched);
    atLeast = !isLast;
    if (book.isFull) break;
  }
  return {
    ...NOTHING,
    level: 'full',
    contentMatch: false,
    ...hashes,
    differences: book.counts(atLeast),
    rows: book.entries,
  };
}

async function figuresOf(sides: Sides, { source, target }: Comparing): Promise<FigureDifference[]> {
  const measured = sides.columns.map((planned, at) => ({
    crossing: { ...planned.crossing, write: sides.target.crossings[at].read },
    read: planned.read,
    write: sides.target.read[at],
  }));
  const plain = measured.filter((_, at) => sides.target.read[at].select === 'native');
  return compareStanding(
    plain,
    { ...sides.source, engine: source.engine },
    { ...sides.target, engine: target.engine },
  );
}

async function compareSome(sides: Sides, verifying: Verifying, sourceRows: number): Promise<Found> {
  if (sides.columns.length === 0) return nothingToCompare('sample');
  if (sides.keyColumns.length === 0) {
    const reason = 'rows without a key can not be looked up: they are compared by count only';
    return { ...NOTHING, level: 'count', notCompared: [{ column: null, reason }] };
  }
  const { comparing, scanning, maxDifferences } = verifying;
  const sampled = await compareSample(sides, comparing, sourceRows, scanning);
  const book = new DifferenceBook(sides, maxDifferences);
  book.add(sampled.matched);
  const { missing, extra, changed } = book.counts(false);
  const differs = missing + extra + changed > 0;
  const isWhole = sampled.rows === sourceRows;
  return {
    ...NOTHING,
    level: 'sample',
    contentMatch: !differs,
    differences: { missing, extra, changed, atLeast: differs && !isWhole },
    rows: book.entries,
    sampledRows: sampled.rows,
  };
}

function nothingToCompare(level: VerifyLevel): Found {
  return { ...NOTHING, level, notCompared: [{ column: null, reason: 'no column can be compared' }] };
}

/** For entries of tables that no plan came of. */
export function baseOf(name: string, target: TableName, defaultSchema: string | null, exists: boolean): Base {
  return { tableName: name, targetName: displayName(target, defaultSchema), targetExists: exists };
}
