// DuckDB's errors -> Ferrow's, by the class that DuckDB puts before its message (`Constraint Error: …`). The
// driver offers nothing else: no code, no SQLSTATE.
import { statfsSync } from 'node:fs';
import type { ErrorCode } from '../../errors/codes.ts';
import { type ErrorDetails, FerrowError } from '../../errors/ferrow-error.ts';

/** What was being done: it decides the code where DuckDB's class doesn't. */
export type Doing = 'read' | 'write' | 'ddl' | 'where';

const BY_DOING: Readonly<Record<Doing, ErrorCode>> = {
  read: 'E_READ',
  write: 'E_WRITE',
  ddl: 'E_DDL',
  where: 'E_USAGE',
};

/** Class -> code; classes that aren't here take the code of what was being done. */
const BY_CLASS: Readonly<Record<string, ErrorCode>> = {
  Constraint: 'E_CONSTRAINT',
  INTERRUPT: 'E_CANCELLED',
  'Out of Memory': 'E_MEMORY',
  Permission: 'E_PRIVILEGE',
};

/** Where DuckDB's own words say less. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  E_CANCELLED: 'interrupted',
  E_CORRUPT: 'the DuckDB file is truncated or damaged',
  E_DISK_FULL: 'no space is left for the DuckDB file',
};

const DAMAGED = /^(Could not read enough bytes|Corrupt database file)/;

/** DuckDB found the file damaged. */
export function isDamaged(error: unknown): boolean {
  return DAMAGED.test(plainMessage(error));
}

/** Below this a failed write is put down to a full disk: DuckDB grows its file by blocks of 256 KiB. */
const FULL_DISK_BYTES = 8 * 1024 * 1024;

/** `Constraint` of `Constraint Error: …`; '' if the error isn't DuckDB's. */
export function errorClass(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^([A-Za-z][A-Za-z ]*?) (?:Error|exception): /.exec(message)?.[1] ?? '';
}

/** The first line of DuckDB's message, without the class and without the excerpt of the statement. */
export function plainMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n', 1)[0];
  return line.replace(/^[A-Za-z][A-Za-z ]*? (?:Error|exception): /, '');
}

/**
 * Makes an error of DuckDB one of Ferrow. `path` is the database's file, to tell a full disk.
 */
export function fromDuckdb(
  error: unknown,
  doing: Doing,
  details: ErrorDetails = {},
  path?: string,
): FerrowError {
  if (error instanceof FerrowError) return error.at(details);
  const kind = errorClass(error);
  let code = BY_CLASS[kind] ?? BY_DOING[doing];
  const ioFailed = kind === 'IO' && path !== undefined && diskIsFull(path);
  // A commit or checkpoint that finds the disk full has a class of its own, and the system's words in the text.
  if (doing !== 'read' && (ioFailed || plainMessage(error).includes('No space left on device')))
    code = 'E_DISK_FULL';
  // A block that lies behind the end of the file, or whose checksum is wrong. DuckDB has no class for it.
  if (kind === 'IO' && doing === 'read' && isDamaged(error)) code = 'E_CORRUPT';
  const message = MESSAGES[code] ?? `DuckDB: ${plainMessage(error)}`;
  return new FerrowError(code, message, {
    dialect: 'duckdb',
    ...hintFor(error, doing, code),
    ...details,
    cause: error,
  });
}

/** Types of newer storage: files that DuckDB makes by itself can be read by its older versions, and can't hold them. */
const NEWER_STORAGE = /not supported in storage versions prior to (v[0-9.]+)/;

function hintFor(error: unknown, doing: Doing, code: ErrorCode): { hint?: string } {
  if (doing === 'where' && code === 'E_USAGE') return { hint: 'check --where; it is SQL of DuckDB' };
  const newer = NEWER_STORAGE.exec(plainMessage(error));
  if (newer === null) return {};
  return {
    hint: `make the target file first, in the DuckDB shell: ATTACH 'target.duckdb' (STORAGE_VERSION '${newer[1]}'); or leave the column out with --columns`,
  };
}

/** DuckDB's own error, where it was made a FerrowError on the way. */
export function causeOf(error: unknown): unknown {
  return error instanceof FerrowError && error.cause !== undefined ? error.cause : error;
}

function diskIsFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize < FULL_DISK_BYTES;
  } catch {
    return false;
  }
}
