// Carries out a repair, range by range: a range with rows to be put is a run of its own, like any that appends, and its
// deletes go in the transaction in which its rows take their place. What foreign keys don't let pass so is tried in parts.
import type { TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openTarget } from '../threads/engine-host.ts';
import type { TableSchema } from '../types/schema.ts';
import type { RepairRange, TableDifference } from './repair-collect.ts';
import { parentsFirst, unrelated } from './repair-order.ts';
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
  /** Of what is left. */
  error: FerrowError | null;
  left: RepairRange[];
}

/**
 * whole: a range is one transaction. parts: its deletes are one, its puts another, where tables that refer to each other want
 * the children's deletes before the parents', and the parents' puts before the children's. together: one run puts a range of
 * each table, for rows of several tables that refer to each other in a circle.
 */
const WAYS = ['whole', 'parts', 'together'] as const;
type Way = (typeof WAYS)[number];

export async function applyRepairs(
  request: TransferRequest,
  tables: readonly TableDifference[],
  warnings: Warning[],
): Promise<AppliedTable[]> {
  const all = tables.map(
    (table): Progress => ({
      table,
      missing: 0,
      changed: 0,
      extra: 0,
      ranges: 0,
      error: null,
      left: [...table.ranges],
    }),
  );
  for (const way of WAYS) {
    if (way === 'parts') for (const progress of all) progress.left = progress.left.flatMap(inParts);
    await deleteAll(request, all);
    await putAll(request, all, way, warnings);
  }
  // What was held by rows that have been put since.
  await deleteAll(request, all);
  return all.map(({ table: { tableName }, missing, changed, extra, ranges, left, error }) => ({
    tableName,
    missing,
    changed,
    extra,
    ranges,
    error: left.length === 0 ? null : error,
  }));
}

function inParts(range: RepairRange): RepairRange[] {
  if (range.puts === null || range.deletes === null) return [range];
  return [
    { ...range, puts: null, missing: 0, changed: 0 },
    { ...range, deletes: null, extra: 0 },
  ];
}

/** Ranges that only delete, children before parents. */
async function deleteAll(request: TransferRequest, all: readonly Progress[]): Promise<void> {
  const left = all.filter((progress) => progress.left.some(({ puts }) => puts === null));
  if (left.length === 0) return;
  const { connections, silence: silenceSeconds } = request.options;
  const engine = await openTarget(await request.target.locate(), {
    connections,
    silenceSeconds,
    readOnly: false,
  });
  const interrupt = () => void engine.interrupt().catch(() => {});
  request.signal.addEventListener('abort', interrupt, { once: true });
  try {
    for (const progress of parentsFirst(left).reverse()) await deleteFrom(request, engine, progress);
  } finally {
    request.signal.removeEventListener('abort', interrupt);
    await engine.close();
  }
}

/** A range that a foreign key holds stays for later. */
async function deleteFrom(request: TransferRequest, engine: TargetEngine, progress: Progress): Promise<void> {
  const { table } = progress;
  const { standing } = table;
  if (standing === null) return;
  request.events.emit('phase', { what: `deleting rows of ${table.tableName}`, table: table.tableName });
  const ranges = progress.left;
  progress.left = [];
  for (const range of ranges) {
    request.signal.throwIfAborted();
    if (range.puts !== null || range.deletes === null) {
      progress.left.push(range);
      continue;
    }
    try {
      progress.extra += await engine.deleteRows(standing, range.deletes);
      progress.ranges++;
    } catch (thrown) {
      progress.error = FerrowError.from(thrown, 'E_WRITE', { table: table.tableName });
      progress.left.push(range);
    }
  }
}

/** Ranges that put rows, parents before children. What fails is tried again as long as others go well. */
async function putAll(
  request: TransferRequest,
  all: readonly Progress[],
  way: Way,
  warnings: Warning[],
): Promise<void> {
  const puts = ({ left }: Progress) => left.filter((range) => range.puts !== null);
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const ordered = parentsFirst(all.filter((progress) => puts(progress).length > 0));
    const count = ordered.reduce((sum, progress) => sum + puts(progress).length, 0);
    if (count === 0 || count === before) return;
    before = count;
    const taken = new Map(ordered.map((progress) => [progress, puts(progress)]));
    for (const progress of ordered) progress.left = progress.left.filter(({ puts: rows }) => rows === null);
    for (;;) {
      request.signal.throwIfAborted();
      const open = ordered.filter((progress) => taken.get(progress)?.length);
      if (open.length === 0) break;
      const now = (way === 'together' ? open : unrelated(open)).flatMap((progress) => {
        const range = taken.get(progress)?.shift();
        return range ? [{ progress, range }] : [];
      });
      await putRanges(request, now, way, warnings);
    }
  }
}

/** One run puts a range of each of these tables. */
async function putRanges(
  request: TransferRequest,
  now: readonly { readonly progress: Progress; readonly range: RepairRange }[],
  way: Way,
  warnings: Warning[],
): Promise<void> {
  const tableOptions = { ...request.options.tableOptions };
  for (const { progress, range } of now) {
    const name = qualified(progress.table.source);
    const own = tableOptions[name];
    // The last one that fits a table wins.
    delete tableOptions[name];
    tableOptions[name] = { ...own, where: range.puts ?? undefined, ifExists: 'append' };
  }
  const report = await transfer({
    ...request,
    command: 'repair',
    events: new TransferEmitter(),
    deletes: new Map(
      now.flatMap(({ progress, range: { deletes } }) =>
        deletes === null ? [] : [[progress.table.tableName, deletes]],
      ),
    ),
    options: {
      ...request.options,
      tables: now.map(({ progress }) => qualified(progress.table.source)),
      exclude: [],
      tableOptions,
      ifExists: 'append',
      onConflict: 'update',
      dataOnly: true,
      verify: 'count',
      keepGoing: true,
      strategy: 'direct',
      where: undefined,
      dryRun: false,
    },
  });
  // What is not carried was said when the tables were made; a row whose parent comes in a later run misses none.
  const isOfRows = ({ object }: Warning) => object === undefined;
  warnings.push(
    ...report.warnings.filter(
      (each) => isOfRows(each) || (way === 'together' && each.object === 'foreign key'),
    ),
  );
  for (const { progress, range } of now) {
    const result = report.tableResults.find((each) => each.tableName === progress.table.tableName);
    const error = result?.error ?? report.error;
    if (result?.success) {
      progress.missing += range.missing;
      progress.changed += range.changed;
      progress.extra += result.conflicts?.deleted ?? range.extra;
      progress.ranges++;
    } else {
      progress.left.push(range);
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
