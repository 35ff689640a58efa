// What both databases say of a table's columns by their own SQL, so that a fault in Ferrow's own reading can't hide itself:
// how many values, of integers the extremes and the sum, of texts and bytes how many bytes.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import type { ColumnFigures, ColumnMeasure, EngineHandle, ReadColumn } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { type LogicalType, sameType } from '../types/logical-type.ts';
import type { TableSchema } from '../types/schema.ts';
import type { Session } from './session.ts';
import type { TableRun } from './table-run.ts';

interface Pair {
  readonly source: ColumnMeasure;
  readonly target: ColumnMeasure;
}

/** A column whose figures are compared: its way, how the source is read, and its name in the target. */
export interface Measured {
  readonly crossing: ColumnCrossing;
  readonly read: ReadColumn;
  readonly write: { readonly name: string };
}

/** A figure that differs. */
export interface FigureDifference {
  readonly column: string;
  readonly message: string;
}

/** Rows that were left out are in the source's figures; and of what the engines' own hash says, figures say nothing more. */
export function hasFigures({ rejects, read }: TableRun): boolean {
  return rejects.rows === 0 && !read.references;
}

/** Figures of the source: asked for when its rows begin to move, which leaves some of the processor idle. */
export function measureSource(table: TableRun, { engine }: Session['source']): Promise<ColumnFigures[]> {
  if (table.figures === null) {
    const { source, where, columns } = table.plan;
    const asked = pairsOf(columns).map((pair) => pair.source);
    table.figures = engine.measure(source, asked, where);
    // Whoever needs them hears of a fault, and may ask again.
    table.figures.catch(() => {
      table.figures = null;
    });
  }
  return table.figures;
}

/** @throws FerrowError E_CONTENT_MISMATCH with the first figure that differs */
export async function compareFigures(
  table: TableRun,
  { source, target }: Pick<Session, 'source' | 'target'>,
): Promise<void> {
  const { load, columns } = table.plan;
  const pairs = pairsOf(columns);
  const [there, here] = await Promise.all([
    measureSource(table, source),
    target.engine.measure(
      { ...load.table, ...load.staging },
      pairs.map((pair) => pair.target),
      null,
    ),
  ]);
  const [first] = figureDifferences(pairs, there, here);
  if (!first) return;
  const { column } = first;
  const message = `table "${table.name}", column "${column}": by the databases' own SQL ${first.message}`;
  throw new FerrowError('E_CONTENT_MISMATCH', message, { table: table.name, column });
}

/** The same for two tables that stand. */
export async function compareStanding(
  columns: readonly Measured[],
  source: { readonly engine: EngineHandle; readonly table: TableSchema; readonly where: string | null },
  target: { readonly engine: EngineHandle; readonly table: TableSchema },
): Promise<FigureDifference[]> {
  const pairs = pairsOf(columns);
  const [there, here] = await Promise.all([
    source.engine.measure(
      source.table,
      pairs.map((pair) => pair.source),
      source.where,
    ),
    target.engine.measure(
      target.table,
      pairs.map((pair) => pair.target),
      null,
    ),
  ]);
  return figureDifferences(pairs, there, here);
}

function figureDifferences(
  pairs: readonly Pair[],
  there: readonly ColumnFigures[],
  here: readonly ColumnFigures[],
): FigureDifference[] {
  return pairs.flatMap((pair, at) => {
    const message = firstDifference(there[at], here[at], pair.source.of);
    return message === null ? [] : [{ column: pair.source.name, message }];
  });
}

const WORDS: Readonly<Record<ColumnMeasure['of'], string>> = {
  presence: '',
  integers: 'the sum',
  text: 'the number of bytes',
  bytes: 'the number of bytes',
  any: 'the sum of integers and bytes',
};

function firstDifference(
  source: ColumnFigures,
  target: ColumnFigures,
  of: ColumnMeasure['of'],
): string | null {
  const named = [
    ['the number of values', source.present, target.present],
    ['the smallest value', source.min, target.min],
    ['the largest value', source.max, target.max],
    [WORDS[of], source.total, target.total],
  ] as const;
  // A figure that one of the two can't give says nothing; of no values there is none on either side.
  const other = named.find(([, one, two]) => one !== null && two !== null && one !== two);
  return other ? `${other[0]} is ${other[1]} in the source and ${other[2]} in the target` : null;
}

/** Columns under a policy are left out: it changes values, or makes NULLs of them. */
function pairsOf(columns: readonly Measured[]): Pair[] {
  return columns
    .filter(({ crossing }) => Object.keys(crossing.policies).length === 0)
    .map(({ crossing, read, write }) => {
      const of = measureOf(crossing, read);
      return { source: { name: read.name, of }, target: { name: write.name, of } };
    });
}

/** Beyond their number, values compare where they stay what they are from storage to storage. */
function measureOf({ read, logical, write }: ColumnCrossing, { select }: ReadColumn): ColumnMeasure['of'] {
  // A sum of wider ones is more than DuckDB can hold.
  const integers = [read, logical, write].every((type) => type.kind === 'int' && type.bits <= 64);
  if (integers && select === 'native') return 'integers';
  if (!sameType(read, logical) || !sameType(logical, write)) return 'presence';
  if (read.kind === 'any' && select === 'native') return 'any';
  if (read.kind === 'binary' && select === 'native') return 'bytes';
  const asText = select === 'native' || select === 'text';
  return asText && isFreeText(read) && isFreeText(write) ? 'text' : 'presence';
}

/** char(n) is padded, and counted by each engine as it likes. */
function isFreeText(type: LogicalType): boolean {
  return (type.kind === 'text' && !type.fixed) || (type.kind === 'json' && !type.binary);
}
