// Plans one table: what it becomes in the target, or every reason why it can't. Pure.
import { createHash } from 'node:crypto';
import type { TableLoad } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import { fixedWidth } from '../types/logical-type.ts';
import type { ColumnSchema, NotCarried, TableName, TableSchema } from '../types/schema.ts';
import { batchBytesFor, getOptimalBatchSize } from './batch-size.ts';
import { originsOf } from './origins.ts';
import type { PlanInput } from './plan.ts';
import { findColumn, missingColumn, takesNoValues, unfilledColumns } from './plan-append.ts';
import { type PlannedColumn, planColumn } from './plan-columns.ts';
import { planConflict } from './plan-conflict.ts';
import { computedMapping, homeCollations, targetColumn } from './plan-generated.ts';
import { collisions, foldName, nameProblem, tableKey } from './plan-names.ts';
import { targetTable } from './plan-schema.ts';
import { existingRelation } from './plan-views.ts';
import type { ColumnMapping } from './report.ts';
import type { SelectedTable } from './select.ts';
import { chosenColumns, columnPolicies, type EffectiveOptions } from './table-options.ts';

/** What becomes of one table. Plain JSON. */
export interface TablePlan {
  readonly displayName: string;
  readonly source: TableSchema;
  readonly load: TableLoad;
  /** Those that bring values, in the order of the chunks. */
  readonly columns: readonly PlannedColumn[];
  /** Every column that was asked for, those that bring no values included. */
  readonly mappings: readonly ColumnMapping[];
  /** Indexes into `columns` of the row's key. */
  readonly keyColumns: readonly number[];
  readonly where: string | null;
  readonly batchRows: number;
  readonly batchBytes: number;
  readonly notCarried: readonly NotCarried[];
}

/** A table that is not carried: why, and what the plan shows of it. */
export interface RefusedTable {
  readonly displayName: string;
  readonly name: TableName;
  readonly refusals: readonly FerrowError[];
  readonly mappings: readonly ColumnMapping[];
}

/** A table with its options and the name it will have. */
export interface Draft {
  readonly entry: SelectedTable;
  readonly options: EffectiveOptions;
  readonly name: TableName;
}

/** Its plan, or every reason why there is none. */
export function planTable(
  input: PlanInput,
  draft: Draft,
  index: number,
  existing: TableSchema | null,
  resolve: (table: TableName) => TableName | null,
): TablePlan | RefusedTable {
  const { entry, name, options } = draft;
  const { source, target } = input;
  const problems: FerrowError[] = [];
  const modeOrError = loadMode(input, draft, existing);
  // A table that can't be made for its name alone still shows what else is wrong with it.
  const mode = modeOrError instanceof FerrowError ? 'create' : modeOrError;
  if (modeOrError instanceof FerrowError) problems.push(modeOrError);
  const append = mode === 'append' ? existing : null;

  const chosen = chosenColumns(entry, options);
  problems.push(...shapeProblems(input, draft, chosen));
  const evidence = input.evidence.get(entry.displayName);
  const planned = new Map<string, PlannedColumn>();
  const mappings = new Map<string, ColumnMapping>();
  for (const column of chosen) {
    const standing = append ? findColumn(append, column.name, input) : null;
    // Values of a generated column come from the target itself, where it has the column too.
    if (column.generated && standing?.generated) {
      mappings.set(column.name, computedMapping(column, standing.nativeType));
      continue;
    }
    if (append && !standing) {
      problems.push(missingColumn(entry.displayName, column.name, append));
      continue;
    }
    if (standing?.generated) {
      problems.push(takesNoValues(entry.displayName, column.name));
      continue;
    }
    const result = planColumn({
      table: entry.displayName,
      name,
      source,
      target,
      column,
      existing: standing,
      evidence: evidence?.get(column.name) ?? null,
      policies: columnPolicies(input.options, options, column.name),
      restoreTypes: input.options.restoreTypes,
      leavesOut: input.options.onError === 'skip',
    });
    mappings.set(column.name, result.mapping);
    if ('refused' in result) problems.push(result.refused);
    else planned.set(column.name, result);
  }
  const all = [...planned.values()];
  if (append) problems.push(...unfilledColumns(entry.displayName, append, all));
  const brought = all.map((column) => column.write.name);
  const conflict = append ? planConflict(entry.displayName, append, brought, input.options.onConflict) : null;
  if (conflict instanceof FerrowError) problems.push(conflict);
  if (problems.length > 0 || conflict instanceof FerrowError) {
    return { displayName: entry.displayName, name, refusals: problems, mappings: [...mappings.values()] };
  }

  const parts = { indexes: input.options.indexes, foreignKeys: input.options.foreignKeys };
  const made = append
    ? { table: append, notCarried: [] }
    : targetTable({
        source: entry.table,
        from: source.name,
        name,
        columns: chosen.map((column) => targetColumn(column, planned.get(column.name), input)),
        homeCollations: homeCollations(all),
        target,
        resolve,
        nullKeyColumns: input.options.onError === 'skip' ? new Set() : nullColumns(evidence),
        parts,
      });
  // What the target computes by itself brings no values.
  const computed = new Set(
    append ? [] : made.table.columns.filter((column) => column.generated).map((column) => column.name),
  );
  const columns = all.filter((column) => !computed.has(column.write.name));
  for (const { read, target: column } of all.filter((each) => computed.has(each.write.name))) {
    const mapping = mappings.get(read.name);
    const { verdict, because, refusedWith, policies } = computedMapping(column, column.nativeType);
    if (mapping) mappings.set(read.name, { ...mapping, verdict, because, refusedWith, policies });
  }
  const origins = append
    ? undefined
    : originsOf(
        chosen.flatMap((column) => {
          const becomes = made.table.columns.find((each) => each.name === column.name);
          const facts = planned.get(column.name)?.originFacts;
          return becomes ? [{ source: column, made: becomes, facts }] : [];
        }),
        source.name,
        target.name,
      );
  const unloggedTable = input.options.unlogged && !append ? target.ddl.unlogged : undefined;
  const load: TableLoad = {
    runId: input.runId,
    id: `t${index}`,
    table: unloggedTable?.(made.table) ?? made.table,
    staging: stagingName(input.runId, index, made.table),
    mode,
    columns: columns.map((column) => column.write),
    parts,
    ...(conflict ? { onConflict: conflict } : {}),
    ...(input.options.strategy === 'transactional' ? { transactional: true as const } : {}),
    ...(input.options.onError === 'skip' ? { leavesOut: true } : {}),
    ...(origins ? { origins } : {}),
  };
  const key = entry.table.primaryKey?.columns ?? entry.table.uniques[0]?.columns ?? [];
  return {
    displayName: entry.displayName,
    source: entry.table,
    load,
    columns,
    mappings: [...mappings.values()],
    keyColumns: key
      .map((each) => columns.findIndex((column) => column.read.name === each))
      .filter((at) => at >= 0),
    where: options.where ?? null,
    batchRows: options.batchSize ?? defaultBatchRows(input, entry.table, columns),
    batchBytes: batchBytesFor(source.name, target.name),
    notCarried: made.notCarried.map((each) => ({ ...each, table: entry.displayName })),
  };
}

function loadMode(
  input: PlanInput,
  draft: Draft,
  existing: TableSchema | null,
): TableLoad['mode'] | FerrowError {
  const { entry, options, name } = draft;
  if (input.options.dataOnly) {
    if (existing) return 'append';
    return new FerrowError(
      'E_TABLE_MISSING',
      `the target has no table "${name.name}" to take the rows of "${entry.displayName}"`,
      {
        table: entry.displayName,
      },
    );
  }
  const relation = existingRelation(input, tableKey(name, input.target.quirks));
  if (relation !== null && relation !== 'table') {
    return new FerrowError('E_TABLE_EXISTS', `the target has a ${relation} named "${name.name}"`, {
      table: entry.displayName,
      hint: `drop it, or use --rename "${entry.displayName}=other_name"`,
    });
  }
  // Whether one stands there or not: that is seen when they change places.
  if (input.options.strategy === 'blue-green') return 'swap';
  if (!existing) return 'create';
  if (options.ifExists !== 'fail') return options.ifExists;
  return new FerrowError('E_TABLE_EXISTS', `the target already has a table "${name.name}"`, {
    table: entry.displayName,
  });
}

/** Names, collisions and numbers of columns. */
function shapeProblems(input: PlanInput, draft: Draft, columns: readonly ColumnSchema[]): FerrowError[] {
  const { quirks, name: engine } = input.target;
  const table = draft.entry.displayName;
  const problems: (FerrowError | null)[] = [nameProblem(draft.name.name, 'table', quirks, table)];
  if (draft.name.schema !== null) problems.push(nameProblem(draft.name.schema, 'schema', quirks, table));
  for (const column of columns) problems.push(nameProblem(column.name, 'column', quirks, table));
  for (const [first, second] of collisions(columns, (column) => foldName(column.name, quirks))) {
    problems.push(
      new FerrowError(
        'E_COLUMN_NAME_COLLISION',
        `table "${table}": the columns "${first.name}" and "${second.name}" would have one name in ${engine}`,
        { table, column: second.name },
      ),
    );
  }
  if (columns.length > quirks.columnsMax) {
    problems.push(
      new FerrowError(
        'E_TOO_MANY_COLUMNS',
        `table "${table}" has ${columns.length} columns; ${engine} holds at most ${quirks.columnsMax}`,
        { table },
      ),
    );
  }
  if (columns.length === 0 && !quirks.zeroColumns) {
    problems.push(
      new FerrowError('E_NO_COLUMNS', `table "${table}" has no columns, which ${engine} can't hold`, {
        table,
      }),
    );
  }
  return problems.filter((problem) => problem !== null);
}

function nullColumns(evidence: ReadonlyMap<string, ColumnEvidence> | undefined): Set<string> {
  const names = new Set<string>();
  for (const [name, each] of evidence ?? []) if (each.nullCount > 0) names.add(name);
  return names;
}

/** Short and hashed: a name plus a suffix could be cut by the server to the name of a live table. */
function stagingName(runId: string, index: number, table: TableName): TableName {
  const hash = createHash('sha256').update(runId).digest('hex').slice(0, 8);
  return { schema: table.schema, name: `_ferrow_${hash}_${index}` };
}

/**
 * The batch's bound of bytes shall end it, not a guess of the width: values often take a quarter of what their type
 * could hold. Too few rows cost more than too many: DuckDB to SQLite, 200 columns, 43,000 rows/s instead of 69,000.
 */
const WIDTH_USED = 0.25;

function defaultBatchRows(input: PlanInput, table: TableSchema, columns: readonly PlannedColumn[]): number {
  const widths = columns.map((column) => fixedWidth(column.read.wire) || 16);
  const rowBytes = WIDTH_USED * widths.reduce((sum, width) => sum + width, 0);
  return getOptimalBatchSize(input.source.name, input.target.name, {
    rowCount: table.estimatedRows ?? 0,
    rowBytes,
  });
}
