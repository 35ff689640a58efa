// Where `tune` moves its sample, and how nothing of it stays: beside a file of the target's a file of its own, on the
// same disk; in a server a schema of its own. Neither the target's tables nor its ledger are touched.
import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Quirks, SourceEngine, TargetEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { DatabaseSchema, TableSchema } from '../types/schema.ts';
import { VERSION } from '../version.ts';
import { type Database, DatabaseFactory } from './database-factory.ts';
import { insist } from './insist.ts';
import type { TablePlan } from './plan-table.ts';
import type { TransferRequest } from './request.ts';
import { withSession } from './session.ts';

/** What an engine keeps beside its file. */
const SIDE_FILES = ['', '-journal', '-wal', '-shm', '.wal', '.tmp'];

export interface Scratch {
  /** To be opened in place of the target. */
  readonly database: Database;
  /** Name of the schema in a server, and of the file. */
  readonly name: string;
  /** Removes the file; after it was closed. */
  remove(): void;
}

/** A place for the sample of this run. */
export async function scratchFor(request: TransferRequest, runId: string): Promise<Scratch> {
  const name = `_ferrow_tune_${runId.slice(0, 8)}`;
  const location = await request.target.locate();
  if (location.engine === 'postgres') return { database: request.target, name, remove: () => {} };
  const file = join(dirname(location.path), `${name}${extname(basename(location.path))}`);
  const scratch = {
    database: DatabaseFactory.create({ type: location.engine, file }),
    name,
    remove: () => {
      for (const suffix of SIDE_FILES) rmSync(file + suffix, { force: true, recursive: true });
    },
  };
  if (existsSync(location.path)) await age(scratch, request, runId);
  return scratch;
}

/** A new file is written with less care than one that holds data. Where the target is one, so shall the scratch be. */
async function age(scratch: Scratch, request: TransferRequest, runId: string): Promise<void> {
  try {
    await withSession({ ...request, target: scratch.database }, false, async ({ target }) => {
      await target.engine.beginRun(scratchRun(runId, scratch.name));
      await target.engine.endRun(runId, 'done');
    });
  } catch (error) {
    scratch.remove();
    throw error;
  }
}

function scratchRun(runId: string, scratch: string) {
  const none = { planHash: '', source: '', target: '', snapshotId: null };
  const startedAt = new Date().toISOString();
  return { runId, epoch: 1, state: 'copying', startedAt, version: VERSION, scratch, ...none } as const;
}

/** A target in which each load arrives and is dropped again, under one run whose end leaves nothing. */
export class ScratchTarget {
  readonly engine: TargetEngine;
  readonly #real: TargetEngine;
  readonly #runId: string;
  #begun = false;
  /** Called when the last chunk of a load is committed. */
  onArrived: () => void = () => {};

  constructor(real: TargetEngine, runId: string, scratch: string) {
    this.#real = real;
    this.#runId = runId;
    this.engine = overlaid(real, {
      beginRun: async () => {
        if (this.#begun) return;
        this.#begun = true;
        await real.beginRun(scratchRun(runId, scratch));
      },
      endRun: async () => {},
      write: (writer, chunk, entry) => real.write(writer, chunk, { ...entry, scratch }),
      commit: (writer, end) => real.commit(writer, end && { ...end, scratch }),
      finishTable: async (load) => {
        this.onArrived();
        await real.abandon([load]);
        return [];
      },
      finishRun: async () => [],
    });
  }

  /** Ends the run, and drops what is in it. */
  async end(): Promise<void> {
    if (this.#begun) await insist(() => this.#real.endRun(this.#runId, 'interrupted'));
  }
}

/** An engine of which some methods are others. */
export function overlaid<E extends SourceEngine | TargetEngine>(engine: E, methods: Partial<E>): E {
  return new Proxy(engine, {
    get(target, name) {
      const own = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

/** What stands in the target is of no account to the sample. */
export function asEmpty(catalog: DatabaseSchema): DatabaseSchema {
  return { ...catalog, tables: [], views: [], types: [], others: [] };
}

/**
 * The plan of a table whose rows arrive in the scratch. In a server the table has nothing but its columns, and those of
 * types that would have to be made in the target's own schemas stay out: they are given as `without`.
 */
export function scratchPlan(
  plan: TablePlan,
  quirks: Quirks,
  scratch: string,
): { plan: TablePlan; without: readonly string[] } {
  if (quirks.embedded) return { plan, without: [] };
  const { load } = plan;
  const made = (name: string) => load.table.columns.find((column) => column.name === name);
  const isPlain = (name: string) => (made(name)?.needs ?? []).length === 0;
  const columns = plan.columns.filter((column) => isPlain(column.write.name));
  const without = plan.columns.filter((column) => !isPlain(column.write.name));
  if (columns.length === 0) {
    throw new FerrowError('E_USAGE', `every column of "${plan.displayName}" has a type of the user’s own`, {
      table: plan.displayName,
      hint: 'tune another table with --table',
    });
  }
  const writes = columns.map((column) => column.write);
  const { origins: _origins, ...rest } = load;
  return {
    plan: {
      ...plan,
      columns,
      keyColumns: [],
      load: {
        ...rest,
        table: bare(load.table, new Set(writes.map((write) => write.name)), scratch),
        staging: { schema: scratch, name: load.staging.name },
        mode: 'create',
        columns: writes,
      },
    },
    without: without.map((column) => column.read.name),
  };
}

function bare(table: TableSchema, columns: ReadonlySet<string>, schema: string): TableSchema {
  return {
    ...table,
    schema,
    columns: table.columns
      .filter((column) => columns.has(column.name))
      .map((column) => ({ ...column, default: null, identity: null, generated: null })),
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    partitioning: null,
    inherits: [],
  };
}
