// What the ledger keeps of a run so that any process can carry it on: the plan, the partitions, what the source looked like.
// Text, without secrets. Pure.
import { createHash } from 'node:crypto';
import type { Partition } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { Location } from '../types/location.ts';
import type { TableSchema } from '../types/schema.ts';
import type { TransferOptions } from './options.ts';
import type { TablePlan } from './plan-table.ts';
import type { PlannedView } from './plan-views.ts';

/** Raised when a process of another version could not read it. */
const FORMAT = 1;

export interface StoredTable {
  readonly plan: TablePlan;
  /** Counted in the snapshot in which the table is read; null where it was not. */
  readonly sourceRows: number | null;
  readonly partitions: readonly Partition[];
  /** Of the rows in that snapshot; null where the source has none for the table. */
  readonly mark: string | null;
  /** When that snapshot was taken, ISO. */
  readonly readAt: string;
}

export interface RunDocument {
  readonly format: number;
  readonly command: string;
  /** URL without a password. */
  readonly source: string;
  readonly options: TransferOptions;
  readonly planHash: string;
  readonly tables: readonly StoredTable[];
  readonly views: readonly PlannedView[];
}

export function documentText(document: Omit<RunDocument, 'format'>): string {
  return JSON.stringify({ format: FORMAT, ...document }, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { [BIGINT]: value.toString() };
    if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
    return { [NUMBER]: Object.is(value, -0) ? '-0' : String(value) };
  });
}

/** Of what JSON has no word for. */
const BIGINT = '$bigint';
const NUMBER = '$number';

/** @throws FerrowError E_NOT_RESUMABLE where there is none, or another version wrote it */
export function parseDocument(text: string | null, runId: string): RunDocument {
  if (text === null || text === '') throw notResumable(runId, 'it keeps no plan in the ledger');
  const document = JSON.parse(text, (_key, value: unknown) => {
    const { [BIGINT]: digits, [NUMBER]: number } = (value ?? {}) as Record<string, unknown>;
    if (typeof digits === 'string') return BigInt(digits);
    return typeof number === 'string' ? Number(number) : value;
  }) as RunDocument;
  if (document.format !== FORMAT) throw notResumable(runId, 'another version of Ferrow has begun it');
  return document;
}

export function notResumable(runId: string, why: string): FerrowError {
  return new FerrowError('E_NOT_RESUMABLE', `the run ${runId} can not be carried on: ${why}`, {
    hint: `ferrow runs TARGET --clean ${runId.slice(0, 8)} drops what it left; then migrate anew`,
  });
}

/** A URL that opens the place again, but for the password. */
export function urlWithoutPassword(location: Location): string {
  if (location.engine !== 'postgres') {
    return `${location.engine}:${location.path.split('/').map(encodeURIComponent).join('/')}`;
  }
  const { user, host, port, database, sslMode, sslRootCert } = location;
  const shownHost = host.includes(':') ? `[${host}]` : encodeURIComponent(host);
  const query = new URLSearchParams({
    sslmode: sslMode,
    ...(sslRootCert ? { sslrootcert: sslRootCert } : {}),
  });
  const place = `${encodeURIComponent(user)}@${shownHost}:${port}/${encodeURIComponent(database)}`;
  return `postgres://${place}?${query.toString().replaceAll('+', '%20')}`;
}

/** What of a table's definition must be the same for its plan to hold: not its size, nor where its numbers go on. */
export function shapeOf(table: TableSchema): string {
  const columns = table.columns.map(({ name, nativeType, nullable, collation, generated }) => [
    name,
    nativeType,
    nullable,
    collation ?? null,
    generated?.expression ?? null,
  ]);
  const { primaryKey, uniques, foreignKeys, checks, indexes } = table;
  const keys = [primaryKey?.columns ?? null, uniques.map((each) => each.columns)];
  const others = [
    foreignKeys.map((each) => [each.columns, each.references]),
    checks.map((each) => each.expression),
  ];
  const shape = JSON.stringify([columns, keys, others, indexes.map((each) => [each.name, each.unique])]);
  return createHash('sha256').update(shape).digest('hex');
}
