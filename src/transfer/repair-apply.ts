// Carries out a repair: deletes go first, children before parents, since a row that is too much may hold a unique value that
// another needs; then rows are put, each range by a run of its own like any that appends. What a foreign key kept from being
// deleted is tried again when the rows that held it have been put.
import type { TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openTarget } from '../threads/engine-host.ts';
import type { TableSchema } from '../types/schema.ts';
import type { RepairRange, TableDifference } from './repair-collect.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { TransferEmitter } from './request.ts';
import { transfer } from './transfer.ts';

export interface AppliedTable {
  readonly tableName: string;
  readonly missing: number;
  readonly changed: number;
  readonly extra: number;
  readonly ranges: number;
  readonly error: FerrowError | null;
}

interface Progress {
  readonly table: TableDifference;
  missing: number;
  changed: number;
  extra: number;
  ranges: number;
  error: FerrowError | null;
  moves: RepairRange[];
  deletes: RepairRange[];
}

export async function applyRepairs(
  request: TransferRequest,
  tables: readonly TableDifference[],
  warnings: Warning[],
): Promise<AppliedTable[]> {
  const all = tables.map((table): Progress => {
    const { moves, deletes } = table;
    return {
      table,
      missing: 0,
      changed: 0,
      extra: 0,
      ranges: 0,
      error: null,
      moves: [...moves],
      deletes: [...deletes],
    };
  });
  await deleteAll(request, all);
  await moveAll(request, all, warnings);
  await deleteAll(request, all);
  return all.map(({ table, deletes, moves, error, ...done }) => ({
    ...done,
    tableName: table.tableName,
    error,
  }));
}

async function deleteAll(request: TransferRequest, all: readonly Progress[]): Promise<void> {
  const left = all.filter(({ deletes }) => deletes.length > 0);
  if (left.length === 0) return;
  const { connections } = request.options;
  const engine = await openTarget(await request.target.locate(), { connections, readOnly: false });
  const interrupt = () => void engine.interrupt().catch(() => {});
  request.signal.addEventListener('abort', interrupt, { once: true });
  try {
    for (const progress of childrenFirst(left)) await deleteFrom(request, engine, progress);
  } finally {
    request.signal.removeEventListener('abort', interrupt);
    await engine.close();
  }
}

/** A range that a foreign key holds stays for later; its error counts if it is never deleted. */
async function deleteFrom(request: TransferRequest, engine: TargetEngine, progress: Progress): Promise<void> {
  const { table } = progress;
  const { standing } = table;
  if (standing === null) return;
  request.events.emit('phase', { what: `deleting rows of ${table.tableName}`, table: table.tableName });
  const held: RepairRange[] = [];
  let error: FerrowError | null = null;
  for (const range of progress.deletes) {
    request.signal.throwIfAborted();
    try {
      progress.extra += await engine.deleteRows(standing, range.condition);
      progress.ranges++;
    } catch (thrown) {
      error ??= FerrowError.from(thrown, 'E_WRITE', { table: table.tableName });
      held.push(range);
    }
  }
  progress.deletes = held;
  // The error of an earlier round is forgotten: only what is left counts.
  progress.error = error ?? (progress.moves.length === 0 ? null : progress.error);
}

async function moveAll(
  request: TransferRequest,
  all: readonly Progress[],
  warnings: Warning[],
): Promise<void> {
  for (let before = -1; ; ) {
    const left = parentsFirst(all.filter(({ moves }) => moves.length > 0));
    const ranges = left.reduce((sum, { moves }) => sum + moves.length, 0);
    // A row may refer to another that comes in a later range: what failed is tried again as long as others went well.
    if (ranges === 0 || ranges === before) return;
    before = ranges;
    const rounds = Math.max(...left.map(({ moves }) => moves.length));
    const taken = new Map(left.map((progress) => [progress, progress.moves]));
    for (const progress of left) progress.moves = [];
    for (let round = 0; round < rounds; round++) {
      request.signal.throwIfAborted();
      const now = left.flatMap((progress) => {
        const range = taken.get(progress)?.[round];
        return range ? [{ progress, range }] : [];
      });
      await moveRanges(request, now, warnings);
    }
  }
}

/** One run puts a range of each table, so that tables that refer to each other come together. */
async function moveRanges(
  request: TransferRequest,
  now: readonly { readonly progress: Progress; readonly range: RepairRange }[],
  warnings: Warning[],
): Promise<void> {
  const tableOptions = { ...request.options.tableOptions };
  for (const { progress, range } of now) {
    const name = qualified(progress.table.source);
    const own = tableOptions[name];
    // The last one that fits a table wins.
    delete tableOptions[name];
    tableOptions[name] = { ...own, where: range.condition, ifExists: 'append' };
  }
  const report = await transfer({
    ...request,
    command: 'repair',
    events: new TransferEmitter(),
    options: {
      ...request.options,
      ...{ tables: now.map(({ progress }) => qualified(progress.table.source)), exclude: [], tableOptions },
      ...{ ifExists: 'append', onConflict: 'update', dataOnly: true, verify: 'count', keepGoing: true },
      ...{ strategy: 'direct', where: undefined, dryRun: false },
    },
  });
  warnings.push(...report.warnings.filter(({ code }) => code !== 'W_NOT_CARRIED'));
  for (const { progress, range } of now) {
    const result = report.tableResults.find((each) => each.tableName === progress.table.tableName);
    const error = result?.error ?? report.error;
    if (result?.success) {
      progress.missing += range.missing;
      progress.changed += range.changed;
      progress.ranges++;
      if (progress.moves.length === 0 && progress.deletes.length === 0) progress.error = null;
    } else {
      progress.moves.push(range);
      progress.error = error
        ? FerrowError.fromWire(error)
        : new FerrowError('E_WRITE', 'rows were not put', { table: progress.table.tableName });
      if (progress.error.kind === 'cancelled') throw progress.error;
    }
  }
}

/** The name that fits this table alone. */
function qualified({ schema, name }: TableSchema): string {
  return schema === null ? name : `${schema}.${name}`;
}

function childrenFirst(all: readonly Progress[]): Progress[] {
  return parentsFirst(all).reverse();
}

/** In circles, as they come. */
function parentsFirst(all: readonly Progress[]): Progress[] {
  const keyOf = ({ schema, name }: { schema: string | null; name: string }) => JSON.stringify([schema, name]);
  const byKey = new Map(all.map((each) => [keyOf(each.table.standing ?? each.table.source), each]));
  const ordered = new Set<Progress>();
  const visiting = new Set<Progress>();
  const visit = (each: Progress) => {
    if (ordered.has(each) || visiting.has(each)) return;
    visiting.add(each);
    for (const { references } of each.table.standing?.foreignKeys ?? []) {
      const parent = byKey.get(keyOf(references));
      if (parent) visit(parent);
    }
    ordered.add(each);
  };
  for (const each of all) visit(each);
  return [...ordered];
}
