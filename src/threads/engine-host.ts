// Opens engines for the main thread. PostgreSQL's live here; an embedded file gets a thread of its own and a
// proxy that turns each method into a message. One file, one owner: two handles of one DuckDB file in a process
// lose rows without an error, so opens of the same file queue up.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Piscina } from 'piscina';
import { type Chunk, transferList } from '../batch/chunk.ts';
import type {
  EngineHandle,
  SourceEngine,
  SourceOptions,
  TargetEngine,
  TargetOptions,
} from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Location } from '../types/location.ts';
import type { Engine } from '../types/logical-type.ts';
import { endThreads, giveBack, type Threads, takeKept } from './kept-threads.ts';
import { type EngineCall, type Outcome, unwrap } from './messages.ts';
import { workerFile } from './worker-file.ts';

/** Settles when the engine that owns the file is closed; by path, and by device and inode, so that links don't fool it. */
const owners = new Map<string, Promise<void>>();

/** One thread, with its driver or about to have it. */
type EngineThread = Threads<EngineCall, Outcome<unknown>>;

/** Opens a database for reading. @throws FerrowError of kind connect */
export async function openSource(location: Location, options: SourceOptions): Promise<SourceEngine> {
  return startEngine(location).openSource(options);
}

/** Opens a database for writing. @throws FerrowError of kind connect */
export async function openTarget(location: Location, options: TargetOptions): Promise<TargetEngine> {
  return startEngine(location).openTarget(options);
}

/** An engine that is about to be opened: its thread and its driver load meanwhile. Open it once, or drop it. */
export interface StartedEngine {
  openSource(options: SourceOptions): Promise<SourceEngine>;
  openTarget(options: TargetOptions): Promise<TargetEngine>;
  drop(): Promise<void>;
}

/** Loads what an engine of this kind needs, for the next one that is started while threads are kept. */
export function warmEngine(engine: Engine): void {
  if (engine === 'postgres') void loadDriver(engine);
  else void giveBack(engine, startThread(engine));
}

/** What goes wrong with it shows when the database is opened. */
async function loadDriver(engine: Engine): Promise<void> {
  await loadDialect(engine)
    .then((dialect) => dialect.load())
    .catch(() => {});
}

/**
 * Loads what an engine needs and touches no database. Two that are started before the first is opened load side by
 * side: 0.1 s of a run.
 */
export function startEngine(location: Location): StartedEngine {
  if (location.engine === 'postgres') {
    void loadDriver(location.engine);
    return {
      openSource: async (options) => (await loadDialect('postgres')).openSource(location, options),
      openTarget: async (options) => (await loadDialect('postgres')).openTarget(location, options),
      drop: async () => {},
    };
  }
  const { engine, path } = location;
  const thread = takeKept<EngineCall, Outcome<unknown>>(engine) ?? startThread(engine);
  const open = (call: EngineCall) => hostEngine({ engine, thread, path }, call);
  return {
    openSource: async (options) => (await open({ open: 'source', location, options })) as SourceEngine,
    openTarget: async (options) => (await open({ open: 'target', location, options })) as TargetEngine,
    drop: () => giveBack(engine, thread),
  };
}

function startThread(engine: Engine): EngineThread {
  const pool = new Piscina<EngineCall, Outcome<unknown>>({
    filename: workerFile('engine.worker'),
    name: 'call',
    minThreads: 1,
    maxThreads: 1,
    // DuckDB's calls wait for its own threads, so several may be under way; SQLite's never overlap.
    concurrentTasksPerWorker: 64,
    // Piscina's default would stop this thread between tasks, and with it DuckDB's callbacks.
    atomics: 'disabled',
    // A driver's rows die young; left to itself, V8 lets the nursery grow by 120 MiB before it looks.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });
  // What goes wrong with it shows when the database is opened.
  const loaded = pool.run({ load: engine }).catch(() => {});
  return { pool, loaded };
}

interface Host {
  readonly engine: Engine;
  readonly thread: EngineThread;
  readonly path: string;
}

async function hostEngine({ engine, thread, path }: Host, open: EngineCall): Promise<EngineHandle> {
  const owned = await ownFile(path);
  try {
    unwrap(await thread.pool.run(open));
  } catch (error) {
    // It may still hold what it could not open whole.
    await endThreads(thread);
    owned.release();
    throw error;
  }
  owned.found();
  return engineProxy(thread, async (isIdle) => {
    await (isIdle ? giveBack(engine, thread) : endThreads(thread));
    owned.release();
  });
}

/** @param end is told whether the thread holds nothing any more */
function engineProxy({ pool }: EngineThread, end: (isIdle: boolean) => Promise<void>): EngineHandle {
  let closing: Promise<void> | null = null;
  let underWay = 0;
  const call = async (task: EngineCall, transfer: ArrayBuffer[] = []): Promise<unknown> => {
    underWay++;
    try {
      return unwrap(await pool.run(task, { transferList: transfer }));
    } finally {
      underWay--;
    }
  };
  const close = async () => {
    const isClosed = await call({ method: 'close', args: [] }).then(
      () => true,
      () => false,
    );
    await end(isClosed && underWay === 0);
  };
  return new Proxy({} as EngineHandle, {
    get(_target, method) {
      // An engine is no thenable: `await` must not take it for a promise.
      if (typeof method !== 'string' || method === 'then') return undefined;
      if (method === 'close') {
        return () => {
          closing ??= close();
          return closing;
        };
      }
      return async (...args: readonly unknown[]) => {
        // Its thread may be another engine's by now.
        if (closing) throw new FerrowError('E_INTERNAL', `${method} of a database that is closed`);
        return call({ method, args }, method === 'write' ? transferList((args[1] as Chunk).payload) : []);
      };
    },
  });
}

interface OwnedFile {
  /** The file may have been made by opening it: from now on it goes by its identity as well. */
  found(): void;
  release(): void;
}

/** Waits until no engine of this process has the file, and takes it. */
async function ownFile(path: string): Promise<OwnedFile> {
  for (let owner = ownerOf(path); owner; owner = ownerOf(path)) await owner;
  const keys = new Set<string>();
  let resolved: () => void = () => {};
  const released = new Promise<void>((settle) => {
    resolved = settle;
  });
  const found = () => {
    for (const key of namesOf(path)) {
      keys.add(key);
      owners.set(key, released);
    }
  };
  found();
  const release = () => {
    for (const key of keys) owners.delete(key);
    resolved();
  };
  return { found, release };
}

function ownerOf(path: string): Promise<void> | undefined {
  return namesOf(path)
    .map((name) => owners.get(name))
    .find((owner) => owner !== undefined);
}

/** By path too: a file that isn't there yet has no identity, and gets one when another opens it. */
function namesOf(path: string): string[] {
  return [resolve(path), fileIdentity(path)];
}

/**
 * The same for every path, link or hard link of one file. A file that isn't there yet, or may not be looked at, goes
 * by its path; what is wrong with it is for its dialect to say.
 */
export function fileIdentity(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat ? `${stat.dev}:${stat.ino}` : path;
  } catch {
    return path;
  }
}
