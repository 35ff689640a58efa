// One table: SQLSTATE or Node's error code -> FerrowError. Never by message text, but for the faults to which the
// driver gives no code. A server's `detail` may hold rows, so only keys of constraint errors are kept of it.
import type { ErrorCode } from '../../errors/codes.ts';
import { type ErrorPlace, FerrowError } from '../../errors/ferrow-error.ts';

/** What was being done; decides the code where the SQLSTATE says too little. */
export type Doing = 'connect' | 'read' | 'write' | 'ddl';

const BY_DOING: Readonly<Record<Doing, ErrorCode>> = {
  connect: 'E_UNREACHABLE',
  read: 'E_READ',
  write: 'E_WRITE',
  ddl: 'E_DDL',
};

/** For errors that must say which end of a run they happened at. */
const IN_WORDS: Readonly<Record<Doing, string>> = {
  connect: 'connecting',
  read: 'reading',
  write: 'writing',
  ddl: 'changing tables',
};

const BY_STATE: Readonly<Record<string, ErrorCode>> = {
  '3D000': 'E_NO_SUCH_DATABASE',
  '42501': 'E_PRIVILEGE',
  '25006': 'E_PRIVILEGE',
  '53100': 'E_DISK_FULL',
  '53200': 'E_MEMORY',
  '53300': 'E_UNREACHABLE',
  '57014': 'E_CANCELLED',
  '57P01': 'E_CONNECTION_LOST',
  '57P02': 'E_CONNECTION_LOST',
  '57P03': 'E_UNREACHABLE',
  '57P05': 'E_CONNECTION_LOST',
  '25P03': 'E_CONNECTION_LOST',
  '25P04': 'E_TIMEOUT',
  '55P03': 'E_LOCKED',
  '55006': 'E_LOCKED',
  '40001': 'E_LOCKED',
  '40P01': 'E_LOCKED',
  '42P01': 'E_SOURCE_CHANGED',
  '42P07': 'E_TABLE_EXISTS',
  '2BP01': 'E_TABLE_IN_USE',
  '22021': 'E_INVALID_UTF8',
  '22001': 'E_VALUE_TOO_LONG',
  '22003': 'E_NUMERIC_SPECIAL',
  '22008': 'E_TIMESTAMP_RANGE',
  '22P03': 'E_CORRUPT',
  '54000': 'E_VALUE_TOO_LARGE',
  '54011': 'E_TOO_MANY_COLUMNS',
  XX001: 'E_CORRUPT',
  XX002: 'E_CORRUPT',
};

const BY_CLASS: Readonly<Record<string, ErrorCode>> = {
  '08': 'E_CONNECTION_LOST',
  '23': 'E_CONSTRAINT',
  '28': 'E_AUTH',
};

const BY_NODE_CODE: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'E_UNREACHABLE',
  ENOTFOUND: 'E_UNREACHABLE',
  EAI_AGAIN: 'E_UNREACHABLE',
  EHOSTUNREACH: 'E_UNREACHABLE',
  ENETUNREACH: 'E_UNREACHABLE',
  ENOENT: 'E_UNREACHABLE',
  EACCES: 'E_UNREACHABLE',
  ETIMEDOUT: 'E_UNREACHABLE',
  ECONNRESET: 'E_CONNECTION_LOST',
  EPIPE: 'E_CONNECTION_LOST',
  ENOSPC: 'E_DISK_FULL',
};

/** Faults of `pg` that carry no code. */
const BY_DRIVER_TEXT: readonly (readonly [string, ErrorCode])[] = [
  ['Connection terminated', 'E_CONNECTION_LOST'],
  ['not queryable', 'E_CONNECTION_LOST'],
  ['timeout expired', 'E_UNREACHABLE'],
  ['timeout exceeded', 'E_UNREACHABLE'],
  ['does not support SSL', 'E_TLS'],
  ['establishing an SSL connection', 'E_TLS'],
  ['password must be a', 'E_AUTH'],
];

const HINTS: Readonly<Record<string, string>> = {
  '55P03':
    'another session holds a lock on the table: wait for its transaction to end, or end it (pg_stat_activity shows it)',
  '42704': 'if the type belongs to an extension, run CREATE EXTENSION in the target first',
  '53300': 'lower --connections, or raise max_connections',
};

interface ServerFault {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
}

/** The SQLSTATE of a server's error, or null. */
export function sqlState(error: unknown): string | null {
  const code = (error as ServerFault | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** The name of the constraint that a server's error is about, or null. */
export function constraintOf(error: unknown): string | null {
  const name = (error as ServerFault | null)?.constraint;
  return typeof name === 'string' ? name : null;
}

/** Any error of `pg`, of the server or of the socket, as a FerrowError. */
export function fromPostgres(error: unknown, doing: Doing, place: ErrorPlace = {}): FerrowError {
  if (error instanceof FerrowError) return error.at(place);
  const message = error instanceof Error ? error.message || error.name : String(error);
  const code = codeOf(error, message, doing);
  const state = sqlState(error);
  const { detail } = error as ServerFault;
  // Of the details only "Key (a)=(1) already exists." and "Key … is not present in table …".
  const key = state === '23505' || state === '23503' || state === '23P01' ? detail : undefined;
  const lost = code === 'E_CONNECTION_LOST';
  const said = lost
    ? `the connection to PostgreSQL broke while ${IN_WORDS[doing]}: ${message}`
    : `PostgreSQL: ${message}`;
  return new FerrowError(code, said, {
    dialect: 'postgres',
    ...place,
    // The row that the server happened to be at is not to blame.
    ...(lost ? { row: undefined, column: undefined } : {}),
    ...(typeof key === 'string' ? { value: key } : {}),
    ...(state !== null && HINTS[state] ? { hint: HINTS[state] } : {}),
    cause: state === null ? error : new Error(`SQLSTATE ${state}: ${message}`),
  });
}

/** The code of a SQLSTATE that an expression gives, as the server itself finds it. */
export function codeSql(state: string): string {
  const found = (codes: Readonly<Record<string, ErrorCode>>, of: string) =>
    `CASE ${of} ${Object.entries(codes)
      .map(([from, to]) => `WHEN '${from}' THEN '${to}'`)
      .join(' ')} END`;
  const [exact, byClass] = [found(BY_STATE, state), found(BY_CLASS, `left(${state}, 2)`)];
  return `coalesce(${exact}, ${byClass}, '${BY_DOING.write}')`;
}

function codeOf(error: unknown, message: string, doing: Doing): ErrorCode {
  const state = sqlState(error);
  if (state !== null && BY_STATE[state] !== undefined) {
    // A table that is missing while writing is no change of the source.
    return state === '42P01' && doing !== 'read' ? 'E_TABLE_MISSING' : BY_STATE[state];
  }
  if (state !== null && BY_CLASS[state.slice(0, 2)]) return BY_CLASS[state.slice(0, 2)];
  // AggregateError: every address of the host failed.
  const first = (error as { errors?: unknown[] } | null)?.errors?.[0];
  const nodeCode = (error as ServerFault | null)?.code ?? (first as ServerFault | undefined)?.code;
  if (typeof nodeCode === 'string') {
    if (BY_NODE_CODE[nodeCode]) return BY_NODE_CODE[nodeCode];
    if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(nodeCode)) return 'E_TLS';
  }
  if (state === null) {
    const known = BY_DRIVER_TEXT.find(([text]) => message.includes(text));
    if (known) return known[1];
  }
  return BY_DOING[doing];
}
