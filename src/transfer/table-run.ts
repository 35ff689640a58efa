// One table on its way: what is left to do, what has arrived, what went wrong.
import type { TargetForm } from '../batch/chunk.ts';
import { describeCrossing } from '../coerce/rules.ts';
import type { AppendCounts, ColumnFigures, LedgerChunk, ReadRequest } from '../dialect/dialect.ts';
import { PartitionSums } from '../digest/partition-sums.ts';
import type { FerrowError, WireError } from '../errors/ferrow-error.ts';
import type { CrossingSpec } from '../threads/messages.ts';
import type { TransferOptions } from './options.ts';
import type { TablePlan } from './plan-table.ts';
import { TableRejects } from './reject-book.ts';
import type { TableResult, VerifyLevel } from './report.ts';
import type { Session } from './session.ts';
import { digestColumn } from './verify-columns.ts';
import { noteOf, readRequestOf, rejectedIn, type WorkTable } from './work.ts';

export class TableRun {
  readonly plan: TablePlan;
  readonly read: ReadRequest;
  /** The form is known when the target is open. */
  readonly crossing: Omit<CrossingSpec, 'form'>;
  /** Every step of the crossing is identity. */
  readonly untouched: boolean;
  form: TargetForm = 'columns';
  /** Rows of the source, counted in the snapshot; null if not counted. */
  readonly sourceRows: number | null;
  readonly work: WorkTable;
  partitionsLeft = 0;
  readRows = 0;
  rows = 0;
  readonly rejects = new TableRejects();
  batches = 0;
  error: FerrowError | null = null;
  /** Stands under its own name in the target, or will at the end of the run. */
  finished = false;
  verified: VerifyLevel | null = null;
  /** The name under which the table it replaced is kept; undefined where tables are not swapped. */
  keptAs: string | null | undefined;
  /** Of the rows as they were committed; used where the crossing makes digests. */
  readonly written: PartitionSums;
  /** Digests of what was written and of what the target then held; null where they were not compared. */
  hashes: { readonly source: string; readonly target: string } | null = null;
  /** What the source says of its columns by its own SQL, once that is asked for. */
  figures: Promise<ColumnFigures[]> | null = null;
  /** For each partition how many of its chunks are counted: those that are committed are always its first. */
  readonly #counted = new Map<string, number>();
  /** How the rows met those of the live table, once that is known. */
  conflicts: AppendCounts | null = null;
  #startedAt: number | null = null;
  #endedAt: number | null = null;

  constructor(
    plan: TablePlan,
    read: ReadRequest,
    crossing: Omit<CrossingSpec, 'form'>,
    untouched: boolean,
    work: WorkTable,
    verify: VerifyLevel,
  ) {
    this.plan = plan;
    this.read = read;
    this.crossing = crossing;
    this.untouched = untouched;
    this.work = work;
    this.sourceRows = work.stored.sourceRows;
    this.written = new PartitionSums(crossing.columns.length);
    this.finished = work.state === 'finished';
    // It would not stand otherwise.
    if (this.finished && this.sourceRows !== null) this.verified = verify;
    this.#count(work.done);
    for (const { partition, done } of work.tasks) this.#counted.set(partition.id, done.chunks);
  }

  /** Takes up chunks that were committed before. */
  #count({ rows, chunks, notes }: WorkTable['done']): void {
    const rejected = rejectedIn(notes);
    this.rejects.rows += rejected;
    this.readRows += rows + rejected;
    this.rows += rows;
    this.batches += chunks;
    for (const { partitionId, digest } of notes) if (digest) this.written.add(partitionId, digest);
  }

  /** Takes up chunks of which it turns out that they were committed. */
  recount(chunks: readonly LedgerChunk[]): void {
    this.#count({
      rows: chunks.reduce((sum, { rows }) => sum + rows, 0),
      chunks: chunks.length,
      notes: chunks.map(noteOf),
    });
  }

  get name(): string {
    return this.plan.displayName;
  }

  begin(): void {
    this.#startedAt ??= performance.now();
  }

  end(): void {
    this.#endedAt = performance.now();
  }

  /** The chunk is committed and counted. */
  learn(partition: string, seq: number): void {
    this.#counted.set(partition, seq + 1);
  }

  knows(partition: string, seq: number): boolean {
    return seq < (this.#counted.get(partition) ?? 0);
  }

  /** The first error counts; later ones follow from it. */
  fail(error: FerrowError): void {
    this.error ??= error;
  }

  result(): TableResult {
    const elapsedSeconds =
      this.#startedAt === null ? 0 : ((this.#endedAt ?? performance.now()) - this.#startedAt) / 1000;
    const success = this.finished && this.error === null;
    const { conflicts } = this;
    const written = conflicts ? conflicts.inserted + conflicts.updated : this.rows;
    const migratedRows = success ? written : 0;
    const watermark = this.plan.load.sync?.progress;
    return {
      tableName: this.name,
      sourceRows: this.sourceRows ?? this.readRows,
      migratedRows,
      rejectedRows: this.rejects.rows,
      ...(this.rejects.rows > 0 && { rejects: this.rejects.shown }),
      batchesProcessed: this.batches,
      success,
      error: this.error?.toWire() ?? null,
      elapsedSeconds: round(elapsedSeconds),
      rowsPerSecond: elapsedSeconds > 0 ? Math.round(migratedRows / elapsedSeconds) : 0,
      verified: success ? this.verified : null,
      ...(success && conflicts && { conflicts }),
      ...(success && watermark && { watermark }),
      ...(success && this.keptAs !== undefined && { keptAs: this.keptAs }),
      ...(this.hashes && {
        sourceHash: this.hashes.source,
        targetHash: this.hashes.target,
        sourcePartitions: this.written.partitions,
      }),
    };
  }
}

/** The result of a table that never came to move a row. */
export function unmovedResult(tableName: string, error: WireError | null): TableResult {
  return {
    tableName,
    sourceRows: 0,
    migratedRows: 0,
    rejectedRows: 0,
    batchesProcessed: 0,
    success: error === null,
    error,
    elapsedSeconds: 0,
    rowsPerSecond: 0,
    verified: null,
  };
}

/** What two attempts have done for a table, each of which moved on its watermark. */
export function addedUp(before: TableResult | undefined, now: TableResult): TableResult {
  if (!before) return now;
  const sum = (count: (result: TableResult) => number) => count(before) + count(now);
  const elapsedSeconds = round(sum((result) => result.elapsedSeconds));
  const migratedRows = sum((result) => result.migratedRows);
  // A table that the first of them has made met no rows.
  const counts = ({ conflicts, migratedRows: inserted }: TableResult) =>
    conflicts ?? { inserted, updated: 0, skipped: 0, unchanged: 0, deleted: 0 };
  const { watermark = before.watermark } = now;
  return {
    ...now,
    migratedRows,
    elapsedSeconds,
    sourceRows: sum((result) => result.sourceRows),
    batchesProcessed: sum((result) => result.batchesProcessed),
    rowsPerSecond: elapsedSeconds > 0 ? Math.round(migratedRows / elapsedSeconds) : 0,
    conflicts: addedCounts([counts(before), counts(now)]),
    ...(watermark && { watermark: { ...watermark, from: before.watermark?.from ?? null } }),
    ...(now.success && { verified: now.verified ?? before.verified }),
  };
}

export function addedCounts(all: readonly AppendCounts[]): AppendCounts {
  const of = (kind: keyof AppendCounts) => all.reduce((sum, counts) => sum + counts[kind], 0);
  return {
    inserted: of('inserted'),
    updated: of('updated'),
    skipped: of('skipped'),
    unchanged: of('unchanged'),
    deleted: of('deleted'),
  };
}

/** Milliseconds are enough for people. */
export function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** Rows that are left out are found again by their key: a part of one would find others too. */
function wholeKey({ source, keyColumns }: TablePlan): readonly number[] {
  const { primaryKey, uniques } = source;
  const key = primaryKey ?? uniques[0];
  return keyColumns.length === key?.columns.length ? keyColumns : [];
}

/**
 * The run of a planned table. Chunks pass untouched where engines are equal and every crossing is identity, as references if the target takes them. With
 * `verify` full, their rows are digested on the way, or where nobody sees them by the engine itself; with `onError` skip, rows that can't be held are left out.
 */
export function makeTableRun(
  { source, target }: Session,
  runId: string,
  work: WorkTable,
  { verify = 'count', onError }: Partial<Pick<TransferOptions, 'verify' | 'onError'>> = {},
): TableRun {
  const { plan } = work.stored;
  const columns = plan.columns.map((column) => column.crossing);
  const untouched =
    source.dialect.name === target.dialect.name &&
    columns.every((crossing) => {
      const way = describeCrossing(crossing);
      return way.possible && way.identity;
    });
  // Of rows that nobody sees none can be left out.
  const references = target.takesReferences && untouched && onError !== 'skip';
  const spec = {
    id: `${runId}/${plan.load.id}`,
    source: source.dialect.name,
    target: target.dialect.name,
    columns,
    keyColumns: onError === 'skip' ? wholeKey(plan) : plan.keyColumns,
    leavesOut: onError === 'skip',
    ...(verify === 'full' &&
      !references && {
        digest: plan.columns.map(digestColumn),
        rawCells: untouched && source.dialect.quirks.rawCells,
      }),
  };
  const read = { ...readRequestOf(plan), ...(references && { references }) };
  return new TableRun(plan, read, spec, untouched, work, verify);
}
