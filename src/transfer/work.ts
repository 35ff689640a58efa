// What a load has to do: the tables of a plan with their partitions and, where a run is carried on, what of it is done.

import type { PolicyUse } from '../coerce/compile.ts';
import type { LedgerChunk, LedgerRun, Partition, ReadRequest } from '../dialect/dialect.ts';
import type { Digest } from '../digest/digest.ts';
import type { Crossed } from '../threads/messages.ts';
import type { Analysis } from './analyse.ts';
import type { TransferOptions } from './options.ts';
import type { TablePlan } from './plan-table.ts';
import type { PlannedView } from './plan-views.ts';
import type { TransferRequest } from './request.ts';
import { documentText, type StoredTable, urlWithoutPassword } from './run-document.ts';
import type { Session } from './session.ts';

/** A partition and what of it is committed. */
export interface PartitionTask {
  readonly partition: Partition;
  readonly done: PartitionDone;
}

export interface PartitionDone {
  /** Of the source: those that were left out count. */
  readonly rows: number;
  readonly chunks: number;
  readonly isOver: boolean;
}

/** What the ledger keeps of a chunk beside its rows. */
export interface ChunkNote {
  readonly digest?: Digest;
  readonly uses?: readonly PolicyUse[];
  /** Rows that were left out. */
  readonly rejected?: number;
}

export interface CommittedNote extends ChunkNote {
  readonly partitionId: string;
}

export interface WorkTable {
  readonly stored: StoredTable;
  /** new: its staging table is to be made; loading: it is there; finished: it stands under its own name. */
  readonly state: 'new' | 'loading' | 'finished';
  readonly tasks: readonly PartitionTask[];
  /** Of the chunks that are committed. */
  readonly done: { readonly rows: number; readonly chunks: number; readonly notes: readonly CommittedNote[] };
}

export interface Work {
  readonly runId: string;
  readonly epoch: number;
  readonly startedAt: string;
  readonly planHash: string;
  readonly document: string;
  readonly tables: readonly WorkTable[];
  readonly views: readonly PlannedView[];
}

const NONE: PartitionDone = { rows: 0, chunks: 0, isOver: false };

/** The work of a run that begins. */
export async function newWork(
  session: Session,
  request: TransferRequest,
  analysis: Analysis,
  startedAt: string,
): Promise<Work> {
  const { plan, runId } = analysis;
  const tables = await storeTables(session, request.options, plan.tables, analysis.sourceRows);
  return makeWork(session, request, {
    runId,
    epoch: 1,
    startedAt,
    planHash: plan.hash,
    tables: tables.map(untouchedTable),
    views: plan.views,
  });
}

/** With the document that stands for it. */
export function makeWork(
  { source }: Session,
  { command, options }: Pick<TransferRequest, 'command' | 'options'>,
  work: Omit<Work, 'document'>,
): Work {
  const document = documentText({
    command,
    source: urlWithoutPassword(source.location),
    options,
    planHash: work.planHash,
    tables: work.tables.map(({ stored }) => stored),
    views: work.views,
  });
  return { ...work, document };
}

/** Cuts the tables in this snapshot, and marks it. */
export async function storeTables(
  session: Session,
  options: TransferOptions,
  plans: readonly TablePlan[],
  sourceRows: ReadonlyMap<string, number>,
): Promise<StoredTable[]> {
  const { engine } = session.source;
  const readAt = new Date().toISOString();
  const marks = await engine.marks(plans.map((plan) => plan.source));
  const stored: StoredTable[] = [];
  for (const [at, plan] of plans.entries()) {
    // A transaction has one writer.
    const most = plan.load.transactional
      ? 1
      : Math.max(lanesOf(session, options) * 4, Math.ceil((plan.source.sizeBytes ?? 0) / PARTITION_BYTES));
    const partitions = options.schemaOnly ? [] : await engine.partitions(readRequestOf(plan), most);
    stored.push({
      plan,
      sourceRows: sourceRows.get(plan.displayName) ?? null,
      partitions,
      mark: marks[at],
      readAt,
    });
  }
  return stored;
}

/** A partition that was begun is read again from its beginning, though not written: so it should not be too large. */
const PARTITION_BYTES = 256 * 1024 * 1024;

export function untouchedTable(stored: StoredTable): WorkTable {
  const tasks = stored.partitions.map((partition) => ({ partition, done: NONE }));
  return { stored, state: 'new', tasks, done: { rows: 0, chunks: 0, notes: [] } };
}

/** A table of a run that is carried on, as the ledger has it; `own` are its chunks. */
export function begunTable(stored: StoredTable, run: LedgerRun, own: readonly LedgerChunk[]): WorkTable {
  const { id } = stored.plan.load;
  const state = run.tables.find((table) => table.id === id)?.state ?? 'dropped';
  if (state === 'dropped') return untouchedTable(stored);
  const moved = own.filter((chunk) => !chunk.isEnd);
  const byPartition = Map.groupBy(own, (chunk) => chunk.partitionId);
  return {
    stored,
    state,
    tasks: stored.partitions.map((partition) => ({
      partition,
      done: doneOf(byPartition.get(partition.id) ?? []),
    })),
    done: { rows: rowsOf(moved), chunks: moved.length, notes: moved.map(noteOf) },
  };
}

/** What of a partition is committed; `own` are its chunks. */
export function doneOf(own: readonly LedgerChunk[]): PartitionDone {
  const moved = own.filter((chunk) => !chunk.isEnd);
  const rows = rowsOf(moved) + rejectedIn(moved.map(noteOf));
  return { rows, chunks: moved.length, isOver: own.length > moved.length };
}

const rowsOf = (chunks: readonly LedgerChunk[]) => chunks.reduce((sum, { rows }) => sum + rows, 0);

/** Rows that were left out of chunks. */
export function rejectedIn(notes: readonly ChunkNote[]): number {
  return notes.reduce((sum, { rejected = 0 }) => sum + rejected, 0);
}

export function noteOf({ note, partitionId }: LedgerChunk): CommittedNote {
  return { ...(note === null ? {} : (JSON.parse(note) as ChunkNote)), partitionId };
}

/** Partitions that move at once. */
export function lanesOf({ source, target }: Session, { connections }: TransferOptions): number {
  return Math.max(
    1,
    Math.min(connections, source.dialect.quirks.readersMax, target.dialect.quirks.writersMax),
  );
}

export function readRequestOf({ source, columns, where, batchRows, batchBytes }: TablePlan): ReadRequest {
  return { table: source, columns: columns.map((column) => column.read), where, batchRows, batchBytes };
}

/** Undefined where there is nothing to keep. */
export function noteText(crossed: Crossed | null): string | undefined {
  if (crossed === null) return undefined;
  const { digest, uses, rejects } = crossed;
  const note: ChunkNote = {
    ...(digest ? { digest } : {}),
    ...(uses.length > 0 ? { uses } : {}),
    ...(rejects.length > 0 ? { rejected: rejects.length } : {}),
  };
  return Object.keys(note).length === 0 ? undefined : JSON.stringify(note);
}
