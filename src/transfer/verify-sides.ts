// Both sides of a table that is compared: what is read of each, and the crossing that brings it to one type. Pure.
import type { ColumnCrossing } from '../coerce/kernel.ts';
import type { Dialect, ReadColumn } from '../dialect/dialect.ts';
import type { DigestColumn } from '../digest/row-hash.ts';
import { isNested, type LogicalType, typeName } from '../types/logical-type.ts';
import { isRefusal, type ReadType, type Refusal } from '../types/mapping.ts';
import type { ColumnSchema, TableSchema } from '../types/schema.ts';
import { sameNativeType } from './compare-table.ts';
import type { PlannedColumn } from './plan-columns.ts';
import { foldName } from './plan-names.ts';
import type { TablePlan } from './plan-table.ts';
import { digestColumn, keyOf, notComparable } from './verify-columns.ts';
import { commonType, hashAlike } from './verify-types.ts';

/** One side: a table, and how its columns become what is compared. */
export interface Side {
  readonly table: TableSchema;
  readonly read: readonly ReadColumn[];
  readonly crossings: readonly ColumnCrossing[];
  readonly where: string | null;
  readonly batchRows: number;
  readonly batchBytes: number;
}

export interface Sides {
  readonly source: Side;
  readonly target: Side;
  readonly digest: readonly DigestColumn[];
  /** Of what the plan says, those that are compared, in the order of the sides' columns. */
  readonly columns: readonly PlannedColumn[];
  /** Indexes into `columns`; [] where only whole rows tell rows apart. */
  readonly keyColumns: readonly number[];
  readonly notCompared: readonly { readonly column: string; readonly reason: string }[];
  /** Those of them whose types do not meet, by name: a sentence each. */
  readonly incompatible: readonly string[];
}

/**
 * How the standing table is read: as the rows would have been written, which is quick; or, where something else turned up
 * in it, as it is stored.
 */
export type Reading = 'as-written' | 'as-stored';

export function sidesOf(
  plan: TablePlan,
  standing: TableSchema,
  source: Dialect,
  target: Dialect,
  reading: Reading,
): Sides {
  const sameEngine = source.name === target.name;
  const there = new Map(standing.columns.map((column) => [foldName(column.name, target.quirks), column]));
  const compared: {
    planned: PlannedColumn;
    here: ColumnCrossing;
    there: ColumnCrossing;
    read: ReadColumn;
  }[] = [];
  const notCompared: { column: string; reason: string }[] = [];
  const incompatible: string[] = [];
  for (const planned of plan.columns) {
    const { crossing } = planned;
    const column = there.get(foldName(planned.write.name, target.quirks));
    const reason = column ? notComparable(crossing) : 'the target has no such column';
    if (!column || reason !== null) {
      notCompared.push({ column: crossing.name, reason: reason ?? '' });
      continue;
    }
    const way = readingWay(planned, column, target, sameEngine, reading);
    if (typeof way === 'object') compared.push({ planned, ...way });
    else {
      notCompared.push({ column: crossing.name, reason: way });
      incompatible.push(`column "${crossing.name}": ${way}`);
    }
  }
  const { where, batchRows, batchBytes } = plan;
  const size = { batchRows, batchBytes };
  return {
    source: {
      table: plan.source,
      read: compared.map(({ planned }) => planned.read),
      where,
      ...size,
      crossings: compared.map(({ here }) => here),
    },
    target: {
      table: standing,
      read: compared.map(({ read }) => read),
      where: null,
      ...size,
      crossings: compared.map((each) => each.there),
    },
    digest: compared.map(({ planned }) => digestColumn(planned)),
    columns: compared.map(({ planned }) => planned),
    keyColumns: keyOf(
      plan.source,
      compared.map(({ planned }) => planned),
    ),
    notCompared,
    incompatible,
  };
}

/** How a standing column is read and brought together with the source's; else the reason why it can't. */
function readingWay(
  { crossing, target: planned }: PlannedColumn,
  column: ColumnSchema,
  target: Dialect,
  sameEngine: boolean,
  reading: Reading,
): { here: ColumnCrossing; there: ColumnCrossing; read: ReadColumn } | string {
  const { name, write, logical } = crossing;
  const stored = reading === 'as-stored';
  const read = target.types.read(column, null, { sameEngine: sameEngine || stored, policies: {} });
  const isOpen = isRefusal(read) || read.logical.kind === 'any' || isNested(write);
  const sameNative = sameNativeType(planned, column, target);
  const asWritten: ReadType = { wire: write, logical: write, checks: [], select: 'native' };
  const type = !stored && isOpen && sameNative && !alreadyAlike(read, write) ? asWritten : read;
  if (isRefusal(type)) return type.reason;
  const common = commonType(logical, write, type.logical);
  if (common === null) return `${typeName(write)} and ${typeName(type.logical)} can't be compared`;
  const isWritten = common.source === write;
  return {
    here: { ...crossing, write: common.source, ...(isWritten ? {} : { writeChecks: [] }) },
    there: {
      name,
      read: type.wire,
      readChecks: [],
      logical: type.logical,
      write: common.target,
      writeChecks: [],
      policies: {},
    },
    read: { name: column.name, wire: type.wire, select: type.select },
  };
}

function alreadyAlike(read: ReadType | Refusal, write: LogicalType): boolean {
  return !isRefusal(read) && read.logical.kind !== 'any' && hashAlike(read.logical, write);
}
