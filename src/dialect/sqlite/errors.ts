// What SQLite's error codes mean, in Ferrow's words: one table, by code and never by message. Engine thread.
import Database from 'better-sqlite3';
import type { ErrorCode } from '../../errors/codes.ts';
import { type ErrorPlace, FerrowError } from '../../errors/ferrow-error.ts';

/** What Ferrow was about when SQLite refused. */
export type Doing = 'open' | 'read' | 'write' | 'ddl';

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

const LOCKED: Meaning = {
  code: 'E_LOCKED',
  message: 'another connection holds the SQLite database',
  hint: 'close the program that writes to it, or wait until its transaction ends, and run again',
};
const UNREADABLE: Meaning = { code: 'E_FILE_UNREADABLE', message: 'SQLite can not open the file' };

/** The longest prefix of a code that stands here decides. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  SQLITE_BUSY: LOCKED,
  SQLITE_LOCKED: LOCKED,
  SQLITE_PROTOCOL: LOCKED,
  SQLITE_CORRUPT: {
    code: 'E_CORRUPT',
    message: 'the SQLite file is damaged',
    hint: 'check it with: sqlite3 FILE "PRAGMA integrity_check"; sqlite3 FILE .recover may save its rows',
  },
  SQLITE_NOTADB: {
    code: 'E_NOT_A_DATABASE',
    message: 'the file is not a SQLite database (or it is encrypted)',
  },
  SQLITE_CANTOPEN: {
    ...UNREADABLE,
    hint: 'check the permissions of the file and of its folder; a file in WAL mode needs a writable folder, or a copy',
  },
  SQLITE_PERM: UNREADABLE,
  SQLITE_AUTH: UNREADABLE,
  SQLITE_READONLY: { code: 'E_FILE_UNREADABLE', message: 'the SQLite file can not be written' },
  SQLITE_READONLY_CANTINIT: {
    code: 'E_FILE_UNREADABLE',
    message: 'the file is in WAL mode and its folder can not be written',
    hint: 'copy the file (with its -wal) to a folder that can be written, and name the copy',
  },
  SQLITE_READONLY_DIRECTORY: {
    code: 'E_FILE_UNREADABLE',
    message: 'the folder of the SQLite file can not be written',
  },
  SQLITE_READONLY_ROLLBACK: {
    code: 'E_FILE_UNREADABLE',
    message: 'a program that was writing the file was killed, and its journal must be rolled back first',
    hint: 'open the database once with its own program (or: sqlite3 FILE "SELECT 1 FROM sqlite_schema"), or copy file and -journal and name the copy',
  },
  SQLITE_READONLY_RECOVERY: {
    code: 'E_FILE_UNREADABLE',
    message: 'the write-ahead log of the file must be recovered first',
    hint: 'open the database once with its own program, or copy file and -wal and name the copy',
  },
  SQLITE_FULL: { code: 'E_DISK_FULL', message: 'no space is left for the SQLite file' },
  SQLITE_IOERR_READ: { code: 'E_READ', message: 'reading the SQLite file failed' },
  SQLITE_IOERR_SHORT_READ: { code: 'E_CORRUPT', message: 'the SQLite file ends too early' },
  SQLITE_IOERR_NOMEM: { code: 'E_MEMORY', message: 'SQLite ran out of memory' },
  SQLITE_NOMEM: { code: 'E_MEMORY', message: 'SQLite ran out of memory' },
  SQLITE_TOOBIG: {
    code: 'E_VALUE_TOO_LARGE',
    message: 'a value is larger than SQLite holds (1,000,000,000 bytes)',
  },
  SQLITE_INTERRUPT: { code: 'E_CANCELLED', message: 'interrupted' },
};

const BY_DOING: Readonly<Record<Doing, ErrorCode>> = {
  open: 'E_FILE_UNREADABLE',
  read: 'E_READ',
  write: 'E_WRITE',
  ddl: 'E_DDL',
};

/** Makes what the driver threw a FerrowError that says where it happened. A FerrowError passes through. */
export function sqliteError(error: unknown, doing: Doing, place: ErrorPlace = {}): FerrowError {
  const at: ErrorPlace = { dialect: 'sqlite', ...place };
  if (error instanceof FerrowError) return error.at(at);
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Database.SqliteError)) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_STRING_TOO_LONG') {
      return new FerrowError('E_VALUE_TOO_LARGE', `${where(place)}a text is longer than 512 MiB`, {
        ...at,
        cause: error,
      });
    }
    // The driver's own complaints about bound values.
    if (error instanceof RangeError && doing === 'write') {
      return new FerrowError('E_VALUE_TOO_LARGE', `${where(place)}${text}`, { ...at, cause: error });
    }
    return new FerrowError('E_INTERNAL', text, { ...at, cause: error });
  }
  if (error.code.startsWith('SQLITE_CONSTRAINT')) return constraintError(error, at);
  const meaning = meaningOf(error.code);
  if (!meaning) {
    return new FerrowError(BY_DOING[doing], `${where(place)}SQLite: ${text}`, { ...at, cause: error });
  }
  // While opening, damage means that this is no whole database.
  if (doing === 'open' && meaning.code === 'E_CORRUPT') {
    return new FerrowError('E_NOT_A_DATABASE', 'the SQLite file is truncated or damaged', {
      ...at,
      hint: meaning.hint,
      cause: error,
    });
  }
  const code = meaning.code === 'E_READ' && doing === 'write' ? 'E_WRITE' : meaning.code;
  return new FerrowError(code, where(place) + meaning.message, { ...at, hint: meaning.hint, cause: error });
}

/** Of rows that go into a table which judges them: what fails while it looks at a row is for the row. */
export function rowError(error: unknown, table: string): FerrowError {
  if (error instanceof Database.SqliteError && ROW_CODES.has(error.code)) {
    const message = `table "${table}": a row can't be judged by the table: ${error.message}`;
    return new FerrowError('E_CONSTRAINT', message, { dialect: 'sqlite', table, cause: error });
  }
  return sqliteError(error, 'write', { table });
}

/** Whether `rowError` says that a row is to blame. */
export function isForRow(error: unknown): boolean {
  if (!(error instanceof Database.SqliteError)) return false;
  return error.code.startsWith('SQLITE_CONSTRAINT') || ROW_CODES.has(error.code);
}

/** A check or a generated column that fails on a value; a primary key that is no integer. */
const ROW_CODES = new Set(['SQLITE_ERROR', 'SQLITE_MISMATCH']);

function meaningOf(code: string): Meaning | undefined {
  for (let name = code; name !== 'SQLITE'; name = name.slice(0, name.lastIndexOf('_'))) {
    if (Object.hasOwn(MEANINGS, name)) return MEANINGS[name];
    if (!name.includes('_')) break;
  }
  return undefined;
}

/** `UNIQUE constraint failed: t.a, t.b` names the columns; the table there may be the staging one. */
function constraintError(error: Error & { code: string }, place: ErrorPlace): FerrowError {
  const kind = CONSTRAINTS[error.code] ?? 'constraint';
  const columns = error.message
    .slice(error.message.indexOf(': ') + 2)
    .split(', ')
    .map((name) => name.slice(name.indexOf('.') + 1));
  const single = columns.length === 1 && error.message.includes(': ') ? columns[0] : undefined;
  const list = error.message.includes(': ') ? ` (${columns.join(', ')})` : '';
  return new FerrowError(
    'E_CONSTRAINT',
    `${where(place)}a row breaks a ${kind}${list}`,
    place.column === undefined && single !== undefined && kind !== 'CHECK constraint'
      ? { ...place, column: single, cause: error }
      : { ...place, cause: error },
  );
}

const CONSTRAINTS: Readonly<Record<string, string>> = {
  SQLITE_CONSTRAINT_PRIMARYKEY: 'primary key',
  SQLITE_CONSTRAINT_ROWID: 'primary key',
  SQLITE_CONSTRAINT_UNIQUE: 'unique constraint',
  SQLITE_CONSTRAINT_NOTNULL: 'NOT NULL constraint',
  SQLITE_CONSTRAINT_CHECK: 'CHECK constraint',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign key',
  SQLITE_CONSTRAINT_DATATYPE: 'STRICT column type',
  SQLITE_CONSTRAINT_TRIGGER: 'trigger of the target',
};

function where(place: ErrorPlace): string {
  if (place.table === undefined) return '';
  return place.column === undefined
    ? `table "${place.table}": `
    : `table "${place.table}", column "${place.column}": `;
}
