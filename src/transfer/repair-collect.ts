// What a repair has to do: the keys of all rows that differ, as conditions, some thousand keys in each. Reads both sides and
// writes neither; what it gives holds no connection and no column.
import type { Ddl } from '../dialect/dialect.ts';
import { sameDigest } from '../digest/digest.ts';
import type { RowPlace } from '../digest/kept-rows.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TableSchema } from '../types/schema.ts';
import { keysCondition } from './key-rows.ts';
import { rowKey } from './plan-conflict.ts';
import type { TransferRequest } from './request.ts';
import { planComparison } from './verify.ts';
import { differingRows } from './verify-differences.ts';
import { digestSide, type Scanning } from './verify-scan.ts';
import { type Comparing, withBothRead } from './verify-session.ts';
import { type Reading, type Sides, sidesOf } from './verify-sides.ts';
import { differencesOf, isOfValues, type TableTask } from './verify-table.ts';

/** Keys of a transaction. */
const RANGE_KEYS = 5000;
/** Characters of conditions that are held at once, over all tables. */
const CONDITION_CHARS_MAX = 64 * 1024 * 1024;

/** Rows that are put and deleted in one transaction. */
export interface RepairRange {
  /** The rows to be put, in the source's SQL; null where there are none. */
  readonly puts: string | null;
  /** The rows to be deleted, in the target's. */
  readonly deletes: string | null;
  readonly missing: number;
  readonly changed: number;
  readonly extra: number;
}

export interface TableDifference {
  readonly tableName: string;
  readonly source: TableSchema;
  /** Null where it does not stand. */
  readonly standing: TableSchema | null;
  /** Of the side that has more. */
  readonly rows: number;
  readonly missing: number;
  readonly changed: number;
  readonly extra: number;
  readonly ranges: readonly RepairRange[];
  /** Why it can't be repaired. */
  readonly error: FerrowError | null;
}

export interface Collected {
  readonly tables: readonly TableDifference[];
  /** False where more rows differ than were collected. */
  readonly isComplete: boolean;
}

export async function collectRepairs(request: TransferRequest): Promise<Collected> {
  return withBothRead(request, async (comparing) => {
    const { tasks, refused } = await planComparison(comparing, request);
    const room = { chars: CONDITION_CHARS_MAX };
    const tables: TableDifference[] = refused.map(({ tableName, error }) => ({
      ...nothing(tableName, null, null),
      error: error ? FerrowError.fromWire(error) : null,
    }));
    let isComplete = true;
    for (const task of tasks) {
      request.signal.throwIfAborted();
      const name = task.plan.displayName;
      request.events.emit('phase', { what: `comparing ${name}`, table: name });
      const found = await collectTable(task, comparing, request, room);
      tables.push(found.table);
      isComplete &&= found.isComplete;
    }
    return { tables, isComplete };
  });
}

function nothing(
  tableName: string,
  source: TableSchema | null,
  standing: TableSchema | null,
): Omit<TableDifference, 'error'> {
  const none: TableSchema = source ?? EMPTY;
  return { tableName, source: none, standing, rows: 0, missing: 0, changed: 0, extra: 0, ranges: [] };
}

const EMPTY: TableSchema = {
  schema: null,
  name: '',
  columns: [],
  primaryKey: null,
  uniques: [],
  foreignKeys: [],
  checks: [],
  indexes: [],
  comment: null,
  estimatedRows: null,
  sizeBytes: null,
};

type Room = { chars: number };

async function collectTable(
  task: TableTask,
  comparing: Comparing,
  request: TransferRequest,
  room: Room,
): Promise<{ table: TableDifference; isComplete: boolean }> {
  const { plan, standing } = task;
  const none = nothing(plan.displayName, plan.source, standing);
  try {
    const refusal = refusalOf(task);
    if (refusal !== null || standing === null)
      return { table: { ...none, error: refusal }, isComplete: true };
    const attempt = (reading: Reading) => collectRows(task, standing, comparing, request, room, reading);
    return await attempt('as-written').catch((error) => {
      if (!isOfValues(error)) throw error;
      return attempt('as-stored');
    });
  } catch (error) {
    if (request.signal.aborted) throw error;
    return {
      table: { ...none, error: FerrowError.from(error, 'E_READ', { table: plan.displayName }) },
      isComplete: true,
    };
  }
}

async function collectRows(
  task: TableTask,
  standing: TableSchema,
  comparing: Comparing,
  { options, signal }: TransferRequest,
  room: Room,
  reading: Reading,
): Promise<{ table: TableDifference; isComplete: boolean }> {
  const { plan } = task;
  const { source, target } = comparing;
  const sides = sidesOf(plan, standing, source.dialect, target.dialect, reading);
  const none = nothing(plan.displayName, plan.source, standing);
  const refusal = keyRefusal(task, standing, sides);
  const scanning: Scanning = { ...comparing, connections: options.connections, signal };
  const [here, there] = await Promise.all([
    digestSide(sides.source, source, sides, scanning),
    digestSide(sides.target, target, sides, scanning),
  ]);
  if (sameDigest(here.digest, there.digest)) return { table: { ...none, error: null }, isComplete: true };
  if (refusal) return { table: { ...none, error: refusal }, isComplete: true };
  const names = (side: Sides['source']) => sides.keyColumns.map((at) => side.read[at].name);
  const rows = Math.max(
    ...[here, there].map(({ buckets }) => buckets.counts.reduce((sum, each) => sum + each, 0)),
  );
  const ranges = new Ranges(
    { ddl: source.dialect.ddl, table: plan.source, names: names(sides.source) },
    { ddl: target.dialect.ddl, table: standing, names: names(sides.target) },
    room,
  );
  let isComplete = true;
  for await (const { matched, isLast } of differingRows(
    sides,
    comparing,
    { source: here, target: there },
    scanning,
  )) {
    // Deletes come early: what they hold of unique values is free for the ranges behind them.
    for (const place of matched.extra) ranges.add(place, 'extra');
    for (const place of matched.missing) ranges.add(place, 'missing');
    for (const pair of matched.changed) ranges.add(pair.source, 'changed');
    ranges.flush();
    isComplete = isLast;
    if (room.chars <= 0) break;
  }
  const sum = (kind: Kind) => ranges.made.reduce((all, range) => all + range[kind], 0);
  return {
    table: {
      ...none,
      rows,
      missing: sum('missing'),
      changed: sum('changed'),
      extra: sum('extra'),
      ranges: ranges.made,
      error: null,
    },
    isComplete,
  };
}

type Kind = 'missing' | 'changed' | 'extra';

interface KeySide {
  readonly ddl: Ddl;
  readonly table: TableSchema;
  readonly names: readonly string[];
}

/** Gathers keys into conditions, so that the rows can be let go. */
class Ranges {
  readonly made: RepairRange[] = [];
  readonly #source: KeySide;
  readonly #target: KeySide;
  readonly #room: Room;
  #open: { place: RowPlace; kind: Kind }[] = [];

  constructor(source: KeySide, target: KeySide, room: Room) {
    this.#source = source;
    this.#target = target;
    this.#room = room;
  }

  add(place: RowPlace, kind: Kind): void {
    this.#open.push({ place, kind });
    if (this.#open.length >= RANGE_KEYS) this.flush();
  }

  flush(): void {
    if (this.#open.length === 0) return;
    const open = this.#open;
    this.#open = [];
    const count = (kind: Kind) => open.filter((each) => each.kind === kind).length;
    this.made.push({
      puts: this.#condition(
        this.#source,
        open.filter(({ kind }) => kind !== 'extra'),
      ),
      deletes: this.#condition(
        this.#target,
        open.filter(({ kind }) => kind === 'extra'),
      ),
      missing: count('missing'),
      changed: count('changed'),
      extra: count('extra'),
    });
  }

  #condition({ ddl, table, names }: KeySide, rows: readonly { place: RowPlace }[]): string | null {
    if (rows.length === 0) return null;
    const places = rows.map(({ place: { piece, row } }) => ({ columns: piece.keys, row }));
    const condition = keysCondition(ddl, table, names, places);
    this.#room.chars -= condition.length;
    return condition;
  }
}

const MIGRATE = 'move the table as a whole: ferrow migrate --if-exists replace --tables';

/** Tables that only a migration can make equal. */
function refusalOf(task: TableTask): FerrowError | null {
  const { plan, standing, leftOut } = task;
  const table = plan.displayName;
  const hint = `${MIGRATE} ${table}`;
  if (standing === null)
    return new FerrowError('E_TABLE_MISSING', `the target has no table "${plan.load.table.name}" to repair`, {
      table,
      hint,
    });
  const [first] = [...differencesOf(task), ...leftOut.map(({ reason }) => reason)];
  if (first === undefined) return null;
  return new FerrowError('E_COLUMN_MISSING', `table "${table}" can't be repaired: ${first}`, { table, hint });
}

/** A key in both: the source's names the rows, the target's keeps them apart. */
function keyRefusal(task: TableTask, standing: TableSchema, sides: Sides): FerrowError | null {
  const table = task.plan.displayName;
  const hint = `give the table a primary key, or ${MIGRATE} ${table}`;
  const [first] = sides.incompatible;
  if (first !== undefined)
    return new FerrowError('E_TYPE_MISMATCH', `table "${table}" can't be repaired: ${first}`, {
      table,
      hint: `${MIGRATE} ${table}`,
    });
  const brought = sides.columns.map((column) => column.write.name);
  if (sides.keyColumns.length > 0 && rowKey(standing, brought) !== null) return null;
  const where = sides.keyColumns.length === 0 ? 'it has' : 'in the target it has';
  return new FerrowError(
    'E_NO_KEY',
    `table "${table}" can't be repaired: ${where} no key that tells its rows apart`,
    {
      table,
      hint,
    },
  );
}
