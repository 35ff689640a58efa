// Before rejects are retried: which rows of the source they are, and in which transfers they are moved.
import type { RejectStore } from '../dialect/dialect.ts';
import { isOfEnd } from '../dialect/stored-rejects.ts';
import type { FerrowError } from '../errors/ferrow-error.ts';
import type { RejectPlace, RunRejects, StoredReject } from '../types/reject.ts';
import { analyse } from './analyse.ts';
import type { TransferOptions } from './options.ts';
import { rowKey } from './plan-conflict.ts';
import type { TablePlan } from './plan-table.ts';
import { KEYS_MAX, type KeyBatch, RejectKeys } from './reject-keys.ts';
import { parentsFirst } from './repair-order.ts';
import type { TransferRequest } from './request.ts';
import type { RunDocument } from './run-document.ts';
import { type Session, withSession } from './session.ts';

/** A table with rejects, as it is now. */
export interface RetriedTable {
  readonly name: string;
  /** In the ledger, of the run that is retried. */
  readonly id: string;
  /** Null where it can't be written now. */
  readonly plan: TablePlan | null;
  readonly refused: FerrowError | null;
}

/** What is to be done about some rejects of one table. */
export interface TableRetry {
  readonly table: string;
  /** Names this table alone, with its schema where there is one. */
  readonly pattern: string;
  readonly batches: readonly KeyBatch[];
  /** Rows that nothing names exactly. */
  readonly unnamed: readonly StoredReject[];
  /** Rows that the source no longer has. */
  readonly gone: readonly StoredReject[];
  /** The target has a key by which a row that arrived before is known. */
  readonly isKeyed: boolean;
}

/** What is moved before others are looked at. */
export interface Portion {
  readonly tables: readonly TableRetry[];
  /** Where others may follow; null behind the last. */
  readonly next: RetryPlace | null;
}

/** How far the rejects of a run are read. */
export interface RetryPlace {
  /** An index into the tables. */
  readonly table: number;
  readonly after: RejectPlace;
}

/** One transfer. */
export interface Move {
  readonly options: TransferOptions;
  /** By table. */
  readonly batches: ReadonlyMap<string, KeyBatch>;
}

/**
 * Those of the run, with what is given now laid over them. Rows are appended to tables that stand; what is refused again is kept
 * by the retry's own run.
 */
export function retryOptions(
  given: TransferOptions,
  { options, tables: stored }: RunDocument,
  { tables }: RunRejects,
): TransferOptions {
  const names = new Set(tables.map(({ table }) => table));
  const { workers, connections, retries, silence, plainIo } = given;
  return {
    ...options,
    workers,
    connections,
    retries,
    silence,
    plainIo,
    verify: 'count',
    allow: laidOver(options.allow, given.allow),
    tables: [...names],
    exclude: [],
    // Wherever the run put them.
    rename: Object.fromEntries(
      stored
        .filter(({ plan }) => names.has(plan.displayName))
        .map(({ plan }) => [plan.displayName, plan.load.table.name]),
    ),
    strategy: 'direct',
    watermark: undefined,
    lookback: undefined,
    deletes: false,
    // Without a key in the target nothing can be said of rows that are there.
    onConflict: 'error',
    dataOnly: true,
    schemaOnly: false,
    ifExists: 'append',
    onError: 'skip',
    keepGoing: true,
    // The file is written when all is done, with what could not be tried.
    rejects: undefined,
    quarantine: true,
    maxRejects: undefined,
  };
}

/** A row that is there arrived before; where runs bring newer rows of a key, it may be an old one. */
export function conflictOf({ options }: RunDocument): 'skip' | 'update' {
  return options.strategy === 'incremental' || options.onConflict === 'update' ? 'update' : 'skip';
}

/** A policy of a key that is given now counts, whatever the run had for it. */
function laidOver(own: readonly string[], given: readonly string[]): string[] {
  const keyOf = (item: string) => item.split('=', 1)[0];
  const keys = new Set(given.map(keyOf));
  return [...own.filter((item) => !keys.has(keyOf(item))), ...given];
}

/** The tables of a run with rejects, parents before children: those of one may wait for those of the other. */
export async function planTables(request: TransferRequest, run: RunRejects): Promise<RetriedTable[]> {
  const uncounted = { ...request, options: { ...request.options, verify: 'none' as const } };
  const { plan } = await withSession(request, false, (session) => analyse(session, uncounted, run.runId));
  const found = run.tables.flatMap(({ tableId: id, table: name }) => {
    const own = plan.tables.find(({ displayName }) => displayName === name);
    if (own) return { name, id, plan: own, refused: null };
    const refused = plan.refusedTables.find(({ displayName }) => displayName === name)?.refusals[0];
    return refused ? { name, id, plan: null, refused } : [];
  });
  const planned = found.flatMap(({ plan: own, ...each }) =>
    own ? { ...each, plan: own, table: { standing: own.load.table, source: own.source } } : [],
  );
  const ordered = parentsFirst(planned).map(({ table: _, ...each }) => each);
  return [...ordered, ...found.filter((each) => each.plan === null)];
}

/** What is to be done about the next rejects, as many as are moved at once: there may be more of them than memory holds. */
export async function planPortion(
  session: Session,
  runId: string,
  tables: readonly RetriedTable[],
  from: RetryPlace | null,
): Promise<Portion> {
  const retries: TableRetry[] = [];
  let room = KEYS_MAX;
  for (let at = from?.table ?? 0; at < tables.length; at++) {
    const { id, plan } = tables[at];
    if (!plan) continue;
    const start = { tableId: id, partitionId: '', seq: 0, row: 0 };
    const after = at === from?.table ? from.after : start;
    const rejects = await someRejects(session.target.engine, runId, after, room);
    const last = rejects.at(-1);
    if (!last) continue;
    retries.push(await planTable(session, plan, rejects));
    room -= rejects.length;
    if (room === 0) return { tables: retries, next: { table: at, after: last } };
  }
  return { tables: retries, next: null };
}

const PAGE_ROWS = 500;

/** Of the table of `after`, at most `most`, without their values. */
async function someRejects(
  store: RejectStore,
  runId: string,
  after: RejectPlace,
  most: number,
): Promise<StoredReject[]> {
  const found: StoredReject[] = [];
  while (found.length < most) {
    const limit = Math.min(PAGE_ROWS, most - found.length);
    const page = await store.readRejects(runId, found.at(-1) ?? after, limit);
    const own = page.filter(({ tableId }) => tableId === after.tableId);
    for (const reject of own) found.push({ ...reject, value: null });
    if (own.length < limit) break;
  }
  return found;
}

async function planTable(
  { source }: Session,
  plan: TablePlan,
  rejects: readonly StoredReject[],
): Promise<TableRetry> {
  const keys = new RejectKeys(source.dialect, plan);
  const named = rejects.filter((reject) => keys.keyOf(reject) !== null);
  const found = keys.batches(named);
  const batches: KeyBatch[] = [];
  const gone: StoredReject[] = [];
  // The end of a load knows keys as they arrived: where a policy may have changed them, the source has them otherwise.
  const changesKeys = plan.keyColumns.some(
    (at) => Object.keys(plan.columns[at].crossing.policies).length > 0,
  );
  const mayBeOtherwise = ({ partitionId }: StoredReject) => changesKeys && isOfEnd(partitionId);
  const otherwise: StoredReject[] = [];
  for (const batch of found ?? []) {
    const missing = new Set(await keys.missing(source.engine, batch));
    for (const reject of missing) (mayBeOtherwise(reject) ? otherwise : gone).push(reject);
    const there = batch.rejects.filter((reject) => !missing.has(reject));
    if (there.length > 0) batches.push({ ...batch, rejects: there });
  }
  const isNamed = new Set(found === null ? [] : named);
  const { schema, name } = plan.source;
  return {
    table: plan.displayName,
    pattern: schema === null ? name : `${schema}.${name}`,
    batches,
    unnamed: [...rejects.filter((reject) => !isNamed.has(reject)), ...otherwise],
    gone,
    isKeyed: isKeyed(plan),
  };
}

function isKeyed({ load }: TablePlan): boolean {
  return (
    rowKey(
      load.table,
      load.columns.map((column) => column.name),
    ) !== null
  );
}

/** A transfer takes a batch of every table; tables without a key of their own go apart from those with one. */
export function movesOf(
  tables: readonly TableRetry[],
  options: TransferOptions,
  onConflict: 'skip' | 'update',
): Move[] {
  const moves: Move[] = [];
  for (const isKeyed of [true, false]) {
    for (let round = 0; ; round++) {
      const members = tables.filter((table) => table.isKeyed === isKeyed && table.batches.length > round);
      if (members.length === 0) break;
      const wheres = members.map(({ pattern, batches }) => [pattern, { where: batches[round].where }]);
      const named = new Set(members.map(({ table }) => table));
      moves.push({
        batches: new Map(members.map(({ table, batches }) => [table, batches[round]])),
        options: {
          ...options,
          rename: Object.fromEntries(Object.entries(options.rename).filter(([table]) => named.has(table))),
          tables: members.map(({ pattern }) => pattern),
          onConflict: isKeyed ? onConflict : 'error',
          tableOptions: { ...options.tableOptions, ...Object.fromEntries(wheres) },
        },
      });
    }
  }
  return moves;
}
