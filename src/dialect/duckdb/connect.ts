// Opens a DuckDB file: one instance per file and process, with limits, without network and extensions.
// Engine thread. A second instance of a file in one process would succeed and lose rows, so it is refused here.
import { constants, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type Connection, type Database } from '@duckdb/node-bindings';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation } from '../../types/location.ts';
import { fromDuckdb, isDamaged, plainMessage } from './errors.ts';
import { checkAccess, checkFile, exists, fileId, isOpenHere } from './file-check.ts';
import { MemoryLimit } from './memory.ts';
import { MetadataGuard, restoreMetadata } from './metadata-guard.ts';
import { attachRows } from './rows-from.ts';
import { THREADS } from './threads.ts';

/**
 * What DuckDB's own buffers may take, in bytes. Ferrow as a whole stays under 512 MiB, with a DuckDB at both ends
 * too; a source needs little, since it only streams.
 */
const READ_MEMORY_BYTES = 64_000_000;
const WRITE_MEMORY_BYTES = 64_000_000;

/**
 * The log of commits is worked into the file when it has grown so far. DuckDB's 16 MB would mean every few chunks
 * (2 M rows of 16 columns: 10 s; with 256 MB 3.5 s).
 */
export const CHECKPOINT_THRESHOLD = '256MB';

/**
 * Groups of rows end where transactions end, and a checkpoint makes full row groups of them: everything once more (2 M rows
 * in transactions of 250,000: 0.7 to 1.2 s). They are kept as they are instead.
 */
const VACUUM_TASKS = '0';

/** Full row groups that a transaction gathers before it writes them; DuckDB's 5 are 90 MB of the rows above. */
const BUFFERED_ROW_GROUPS = '1';

/** One connection: the driver's handle for table data, its wrapper for small queries. */
export interface Link {
  readonly handle: Connection;
  readonly api: DuckDBConnection;
  /** Null where nothing is written. */
  readonly guard: MetadataGuard | null;
  /** Of the file, whoever is connected to it. */
  readonly memory: MemoryLimit;
}

export interface OpenFile {
  readonly path: string;
  /** The file wasn't there before. */
  readonly made: boolean;
  /** Nothing is on disk: a target that is only looked at and doesn't exist. */
  readonly inMemory: boolean;
  connect(): Promise<Link>;
  /** Closes all connections and the instance. Idempotent; never throws. */
  close(): void;
}

/** Opens for reading only. @throws FerrowError of kind connect */
export async function openForReading(location: FileLocation): Promise<OpenFile> {
  checkFile(location, constants.R_OK);
  return open(location, { access_mode: 'READ_ONLY' }, false, tmpdir());
}

/**
 * Opens for writing; makes the file if need be. `rowsFrom`: what references refer to.
 * @throws FerrowError of kind connect
 */
export async function openForWriting(
  location: FileLocation,
  rowsFrom: FileLocation | null,
): Promise<OpenFile> {
  const folder = dirname(location.path);
  const made = !exists(location.path);
  if (!made) checkFile(location, constants.R_OK | constants.W_OK);
  else if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new FerrowError('E_FILE_MISSING', `there is no folder ${folder} for ${location.display}`, {
      dialect: 'duckdb',
      hint: `make it first: mkdir -p '${folder}'`,
    });
  } else checkAccess(folder, constants.W_OK, location);
  if (!rowsFrom) return open(location, { access_mode: 'READ_WRITE' }, made, folder);
  const access = { access_mode: 'READ_WRITE', enable_external_access: 'true' };
  const file = await open(location, access, made, folder);
  try {
    await attachRows(await file.connect(), withoutLinks(rowsFrom.path));
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Opens a target that is only looked at: a missing file is an empty database. */
export async function openForLooking(location: FileLocation): Promise<OpenFile> {
  if (!exists(location.path)) return open(location, {}, false, tmpdir(), true);
  try {
    return await openForReading(location);
  } catch (error) {
    if (!(error instanceof FerrowError) || !isUnreplayedLog(error.cause)) throw error;
    // A run of Ferrow's own was killed there: the log becomes part of the file, as when the run is carried on.
    (await openForWriting(location, null)).close();
    return openForReading(location);
  }
}

async function open(
  location: FileLocation,
  access: Record<string, string>,
  made: boolean,
  spillFolder: string,
  inMemory = false,
): Promise<OpenFile> {
  const { path } = location;
  const spill = join(spillFolder, `.${basename(path)}.${process.pid}.ferrow-spill`);
  const memory = new MemoryLimit(
    access['access_mode'] === 'READ_WRITE' ? WRITE_MEMORY_BYTES : READ_MEMORY_BYTES,
  );
  const options = {
    memory_limit: `${memory.bytes} bytes`,
    checkpoint_threshold: CHECKPOINT_THRESHOLD,
    max_vacuum_tasks: VACUUM_TASKS,
    write_buffer_row_group_count: BUFFERED_ROW_GROUPS,
    threads: String(THREADS),
    temp_directory: spill,
    // A view or a default in a stranger's file may not read other files or load code.
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...access,
  };
  const config = duckdb.create_config();
  for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
  let database: Database;
  try {
    database = await openOrRestore(inMemory ? ':memory:' : withoutLinks(path), config);
  } catch (error) {
    throw openError(error, location);
  }
  const guarded = access['access_mode'] === 'READ_WRITE';
  // With the lock in hand, what other processes left behind when they were killed is nobody's.
  if (guarded) removeSpill(spillFolder, basename(path));
  const guard = guarded
    ? new MetadataGuard(withoutLinks(path), new DuckDBConnection(await duckdb.connect(database)))
    : null;
  const links: Link[] = [];
  let closed = false;
  return {
    path,
    made,
    inMemory,
    connect: async () => {
      const handle = await duckdb.connect(database);
      const link = { handle, api: new DuckDBConnection(handle), guard, memory };
      links.push(link);
      return link;
    },
    close: () => {
      if (closed) return;
      closed = true;
      const id = inMemory ? null : fileId(path);
      quietly(() => guard?.disconnect());
      for (const { api } of links) quietly(() => api.closeSync());
      quietly(() => duckdb.close_sync(database));
      quietly(() => guard?.close());
      if (id && isOpenHere(id)) collectGarbage();
      quietly(() => rmSync(spill, { recursive: true, force: true }));
    },
  };
}

/** A file that a process of Ferrow's was killed over is mended, if it can be. */
async function openOrRestore(path: string, config: duckdb.Config): Promise<Database> {
  try {
    return await duckdb.open(path, config);
  } catch (error) {
    if (!isDamaged(error) || !restoreMetadata(path)) throw error;
    return duckdb.open(path, config);
  }
}

/** DuckDB, kept from other files, may not open the log beside what a link points at. */
function withoutLinks(path: string): string {
  return exists(path) ? realpathSync(path) : path;
}

function removeSpill(folder: string, name: string): void {
  quietly(() => {
    for (const entry of readdirSync(folder)) {
      if (entry.startsWith(`.${name}.`) && entry.endsWith('.ferrow-spill'))
        rmSync(join(folder, entry), { recursive: true, force: true });
    }
  });
}

function quietly(step: () => void): void {
  try {
    step();
  } catch {
    // Closing what is already closed.
  }
}

/**
 * A result that ended in an error holds the instance, and so the lock on the file, until it is collected.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  quietly(runInNewContext('gc'));
}

/** The log makes a key or an index: DuckDB replays that only where it may write. */
function isUnreplayedLog(error: unknown): boolean {
  return /^Failure while replaying WAL file .*Could not write file/s.test(plainMessage(error));
}

function openError(error: unknown, location: FileLocation): FerrowError {
  const said = plainMessage(error);
  const details = { dialect: 'duckdb', cause: error };
  // The one file that reads DuckDB's words: it has no code for a lock, and calls a torn file the same class.
  if (said.startsWith('Could not set lock on file')) {
    const holder = /\(PID (\d+)\)/.exec(said)?.[1];
    return new FerrowError('E_LOCKED', `another process has ${location.display} open`, {
      ...details,
      hint: holder ? `close process ${holder} and run again` : 'close the other program and run again',
    });
  }
  if (isUnreplayedLog(error)) {
    return new FerrowError(
      'E_FILE_UNREADABLE',
      `a program that was writing ${location.display} was killed, and its log must be replayed first`,
      {
        ...details,
        hint: 'open the database once with a program that may write, or copy file and .wal and open the copy so',
      },
    );
  }
  const mapped = fromDuckdb(error, 'read');
  if (mapped.code !== 'E_READ' && mapped.code !== 'E_CORRUPT') return mapped.at(details);
  return new FerrowError('E_NOT_A_DATABASE', `${location.display} can not be opened: ${said}`, {
    ...details,
    hint: 'the file may be truncated, damaged, encrypted, or written by a newer DuckDB than Ferrow carries',
  });
}
