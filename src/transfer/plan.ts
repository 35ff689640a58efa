// Pure: two catalogs, the evidence and the options -> what becomes of every table, or every refusal at once.
import { createHash } from 'node:crypto';
import type { Dialect } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import type { DatabaseSchema, TableName, TableSchema } from '../types/schema.ts';
import type { TransferOptions } from './options.ts';
import { collisions, resolveRenames, tableKey, targetName } from './plan-names.ts';
import { type Draft, planTable, type TablePlan } from './plan-table.ts';
import type { SelectedTable } from './select.ts';
import { effectiveOptions } from './table-options.ts';

export interface Plan {
  readonly tables: readonly TablePlan[];
  /** Why tables are not among `tables`; all of them, not just the first. */
  readonly refusals: readonly FerrowError[];
  /** sha256 over everything that decides what is moved where. */
  readonly hash: string;
}

export interface PlanInput {
  readonly runId: string;
  readonly source: Dialect;
  readonly target: Dialect;
  readonly sourceCatalog: DatabaseSchema;
  readonly targetCatalog: DatabaseSchema;
  readonly selected: readonly SelectedTable[];
  /** By display name, then by column name. */
  readonly evidence: ReadonlyMap<string, ReadonlyMap<string, ColumnEvidence>>;
  readonly options: TransferOptions;
}

export function planTransfer(input: PlanInput): Plan {
  const { selected, options, target, sourceCatalog } = input;
  const renames = resolveRenames(selected, options.rename);
  const drafts = selected.map((entry): Draft => {
    const effective = effectiveOptions(entry, options);
    const rename = renames.get(entry) ?? effective.rename;
    return { entry, options: effective, name: targetName(entry.table, sourceCatalog, target.quirks, rename) };
  });
  const refusals: FerrowError[] = [];
  const colliding = new Set<Draft>();
  for (const [first, second] of collisions(drafts, (draft) => tableKey(draft.name, target.quirks))) {
    colliding.add(first).add(second);
    refusals.push(
      new FerrowError(
        'E_TABLE_NAME_COLLISION',
        `the tables "${first.entry.displayName}" and "${second.entry.displayName}" would both be "${second.name.name}" in the target`,
        { table: second.entry.displayName, hint: `--rename "${second.entry.displayName}=other_name"` },
      ),
    );
  }
  const existing = new Map(
    input.targetCatalog.tables.map((table) => [tableKey(table, target.quirks), table]),
  );
  const resolve = referenceResolver(input, drafts, existing);
  const tables: TablePlan[] = [];
  for (const [index, draft] of drafts.entries()) {
    if (colliding.has(draft)) continue;
    const standing = existing.get(tableKey(draft.name, target.quirks)) ?? null;
    const planned = planTable(input, draft, index, standing, resolve);
    if (Array.isArray(planned)) refusals.push(...planned);
    else tables.push(planned);
  }
  return { tables, refusals, hash: planHash(tables) };
}

/** Where a referenced table of the source will stand in the target; null if nowhere. */
function referenceResolver(
  input: PlanInput,
  drafts: readonly Draft[],
  existing: ReadonlyMap<string, TableSchema>,
): (table: TableName) => TableName | null {
  const { target, sourceCatalog, source } = input;
  const byName = new Map(drafts.map((draft) => [tableKey(draft.entry.table, source.quirks), draft.name]));
  return (table) => {
    const moved = byName.get(tableKey({ schema: table.schema, name: table.name }, source.quirks));
    if (moved) return moved;
    const there = targetName(table, sourceCatalog, target.quirks, undefined);
    return existing.has(tableKey(there, target.quirks)) ? there : null;
  };
}

function planHash(tables: readonly TablePlan[]): string {
  const parts = tables.map(({ load, columns, where }) => ({
    table: load.table,
    mode: load.mode,
    crossings: columns.map((column) => column.crossing),
    where,
  }));
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
