// The list of everything that can go wrong, by code. docs/errors.md is printed from it.
// A code says what happened; its kind decides the exit status; its hint says what to do next
// when the place that throws knows nothing better.

import { VALUE_CODES } from './value-codes.ts';

/** What part of the work failed. Exit statuses follow from it. */
export type ErrorKind =
  | 'usage' // wrong command line or configuration
  | 'connect' // a database can't be reached or opened
  | 'schema' // the plan is refused, or DDL failed
  | 'value' // one value can't be held exactly
  | 'read' // the source failed while reading
  | 'write' // the target failed while writing
  | 'verify' // both sides were read and differ
  | 'cancelled' // SIGINT or an AbortSignal
  | 'resource' // disk, memory, limits
  | 'internal'; // a fault in Ferrow itself

interface CodeFacts {
  readonly kind: ErrorKind;
  /** May the same step succeed when tried again? */
  readonly retryable?: true;
  readonly means: string;
  readonly hint: string;
  /** What `--allow` knows that lets such a value through. */
  readonly policies?: readonly string[];
}

export const CODES = {
  E_USAGE: { kind: 'usage', means: 'wrong command line or options', hint: 'see ferrow --help' },
  E_CONFIG: {
    kind: 'usage',
    means: 'the configuration file is wrong',
    hint: 'compare it with config.schema.json',
  },
  E_URL: {
    kind: 'usage',
    means: 'a database URL can not be understood',
    hint: 'use postgres://user@host/db, sqlite:path.db or duckdb:path.duckdb',
  },
  E_SAME_DATABASE: {
    kind: 'usage',
    means: 'source and target are the same database',
    hint: 'name another target; Ferrow never writes its source',
  },
  E_NO_SUCH_TABLE: {
    kind: 'usage',
    means: 'a named table does not exist',
    hint: 'check the name and --schema',
  },
  E_NO_SUCH_COLUMN: {
    kind: 'usage',
    means: 'a named column does not exist',
    hint: 'check the name and its case',
  },
  E_FILE_MISSING: { kind: 'connect', means: 'the source file does not exist', hint: 'check the path' },
  E_FILE_UNREADABLE: {
    kind: 'connect',
    means: 'the file can not be read or written',
    hint: 'check its permissions',
  },
  E_NOT_A_FILE: { kind: 'connect', means: 'the path is a directory', hint: 'name the database file itself' },
  E_NOT_A_DATABASE: {
    kind: 'connect',
    means: 'the file is not a database of this engine, or is truncated',
    hint: 'check the file with the engine’s own shell',
  },
  E_UNREACHABLE: {
    kind: 'connect',
    retryable: true,
    means: 'no server answers',
    hint: 'check host, port and firewall',
  },
  E_AUTH: {
    kind: 'connect',
    means: 'the server refused user or password',
    hint: 'check user, password and ~/.pgpass',
  },
  E_NO_SUCH_DATABASE: {
    kind: 'connect',
    means: 'the server has no such database',
    hint: 'create it, or check the name',
  },
  E_TLS: { kind: 'connect', means: 'no secure connection', hint: 'set sslmode in the URL' },
  E_LOCKED: {
    kind: 'connect',
    retryable: true,
    means: 'another process holds the database',
    hint: 'close the other program and run again',
  },
  E_CONNECTION_LOST: {
    kind: 'read',
    retryable: true,
    means: 'the connection broke',
    hint: 'run the command again',
  },
  E_PRIVILEGE: { kind: 'schema', means: 'the role lacks a right', hint: 'grant it, or use another role' },
  E_TABLE_EXISTS: {
    kind: 'schema',
    means: 'the target already has this table',
    hint: 'use --if-exists replace or --if-exists append, or --exclude it',
  },
  E_TABLE_MISSING: {
    kind: 'schema',
    means: 'the target lacks this table',
    hint: 'run without --data-only to create it',
  },
  E_TABLE_IN_USE: {
    kind: 'schema',
    means: 'something else in the target depends on the table',
    hint: 'drop what depends on it, or choose another name with --rename',
  },
  E_NOT_SWAPPED: {
    kind: 'schema',
    means: 'the table is whole, but the tables of a blue-green run swap together or not at all',
    hint: 'mend what stopped the other tables, or leave them out with --exclude, and run again',
  },
  E_NOTHING_TO_ROLL_BACK: {
    kind: 'usage',
    means: 'there is no swap that can be undone',
    hint: 'only runs with --strategy blue-green can be rolled back; ferrow runs TARGET lists them',
  },
  E_UNSUPPORTED_TYPE: {
    kind: 'schema',
    means: 'the target has no exact form for this column type',
    hint: 'leave the column out with --columns, or the table with --exclude',
  },
  E_TYPE_EXISTS: {
    kind: 'schema',
    means: 'the target already has another type of this name',
    hint: 'drop the type there, or use --allow enum=text',
  },
  E_TYPE_MISMATCH: {
    kind: 'schema',
    means: 'the existing target column can not take the source column',
    hint: 'change the target column, or use --if-exists replace',
  },
  E_COLUMN_MISSING: {
    kind: 'schema',
    means: 'the existing target table lacks a column',
    hint: 'add the column, restrict with --columns, or use --if-exists replace',
  },
  E_NO_KEY: {
    kind: 'schema',
    means: 'the target table has no key that tells its rows apart',
    hint: 'give the target table a primary key, or a unique key over columns that are NOT NULL, and bring all of its columns',
  },
  E_WATERMARK: {
    kind: 'schema',
    means: 'a column can not tell which rows are new',
    hint: 'name a column of integers, decimals, dates or timestamps that grows, with --watermark or per table in the configuration file',
  },
  E_TOO_MANY_COLUMNS: {
    kind: 'schema',
    means: 'the target can not hold so many columns',
    hint: 'choose columns with --columns',
  },
  E_NO_COLUMNS: {
    kind: 'schema',
    means: 'the target can not hold a table with no columns',
    hint: 'leave the table out with --exclude',
  },
  E_IDENTIFIER_TOO_LONG: {
    kind: 'schema',
    means: 'a name is too long for the target',
    hint: 'use --rename old=new',
  },
  E_IDENTIFIER_INVALID: {
    kind: 'schema',
    means: 'a name can not exist in the target',
    hint: 'use --rename old=new',
  },
  E_TABLE_NAME_COLLISION: {
    kind: 'schema',
    means: 'two tables would get one name in the target',
    hint: 'use --rename old=new for one of them',
  },
  E_COLUMN_NAME_COLLISION: {
    kind: 'schema',
    means: 'two columns would get one name in the target',
    hint: 'choose columns with --columns',
  },
  E_DDL: { kind: 'schema', means: 'the target refused a statement', hint: 'see ferrow schema script' },
  E_SOURCE_CHANGED: {
    kind: 'schema',
    means: 'the source changed while it was read',
    hint: 'run the command again',
  },
  E_SNAPSHOT_LOST: {
    kind: 'read',
    means: 'the connection that held the snapshot of the source is gone',
    hint: 'ferrow resume TARGET goes on, in a new snapshot',
  },
  E_RUN_UNDER_WAY: {
    kind: 'write',
    means: 'another process moves the same rows at this moment',
    hint: 'wait for its end, or stop it; ferrow runs TARGET shows it',
  },
  E_RUN_UNFINISHED: {
    kind: 'schema',
    means: 'an earlier run into the same table is half done',
    hint: 'ferrow resume TARGET carries it on; ferrow runs TARGET --clean RUN drops what it left',
  },
  E_NO_SUCH_RUN: {
    kind: 'usage',
    means: 'the ledger of the target has no such run',
    hint: 'see ferrow runs TARGET',
  },
  E_NOT_RESUMABLE: {
    kind: 'schema',
    means: 'the run can not be carried on as it was planned',
    hint: 'ferrow runs TARGET --clean RUN drops what it left; then migrate anew',
  },
  ...VALUE_CODES,
  E_CONSTRAINT: {
    kind: 'write',
    means: 'a constraint of the target refused a row',
    hint: 'mend the rows, or the constraint',
  },
  E_TOO_MANY_REJECTS: {
    kind: 'write',
    means: 'more rows of a table were rejected than allowed',
    hint: 'see the rejects, mend their cause, or raise --max-rejects',
  },
  E_CORRUPT: {
    kind: 'read',
    means: 'bytes from a database do not make sense',
    hint: 'check the database with its own tools',
  },
  E_READ: { kind: 'read', means: 'the source failed while reading', hint: 'see the cause' },
  E_WRITE: { kind: 'write', means: 'the target failed while writing', hint: 'see the cause' },
  E_DISK_FULL: {
    kind: 'resource',
    means: 'no space is left at the target',
    hint: 'free some space and run again',
  },
  E_MEMORY: {
    kind: 'resource',
    retryable: true,
    means: 'memory ran out',
    hint: 'lower --batch-size or --workers',
  },
  E_TIMEOUT: {
    kind: 'resource',
    retryable: true,
    means: 'nothing moved for too long',
    hint: 'check the server and run again',
  },
  E_COUNT_MISMATCH: {
    kind: 'verify',
    means: 'source and target hold different numbers of rows',
    hint: 'run again with --if-exists replace',
  },
  E_CONTENT_MISMATCH: { kind: 'verify', means: 'the target holds other values', hint: 'see docs/verify.md' },
  E_CANCELLED: {
    kind: 'cancelled',
    means: 'interrupted',
    hint: 'run the command again; ferrow resume TARGET carries a run on that has begun to move rows',
  },
  E_INTERNAL: {
    kind: 'internal',
    means: 'a fault in Ferrow',
    hint: 'please report it with the stack trace (--verbose)',
  },
} as const satisfies Record<string, CodeFacts>;

/** Every code an error of Ferrow can carry. */
export type ErrorCode = keyof typeof CODES;

export function codeFacts(code: ErrorCode): CodeFacts {
  return CODES[code];
}
