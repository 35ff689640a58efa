// The file of a run's source within the instance of its target, which takes the rows of references out of it. Engine thread.
//
// The source's engine has an instance of its own of the same file, in another thread. Both only read, and both stay open until the
// run ends: to close one drops the lock that the process has on the file, and with it that of the other.
import type { ReferencePayload } from '../../batch/chunk.ts';
import type { Link } from './connect.ts';
import { run } from './query.ts';
import { literal, quote, quoteTable } from './sql-text.ts';

const NAME = '_ferrow_source';

/** What is attached can be read, and no other file from then on. `path`: without links. */
export async function attachRows(link: Link, path: string): Promise<void> {
  await run(link, `ATTACH ${literal(path)} AS ${quote(NAME)} (READ_ONLY)`, [], 'read');
  await run(link, 'SET enable_external_access = false', [], 'read');
}

/** The rows in their order. */
export function referencedRows({ table, select, from, to, skipRows }: ReferencePayload): string {
  const rows = `SELECT ${select.join(', ')} FROM ${quote(NAME)}.${quoteTable({ ...table, schema: table.schema ?? 'main' })} WHERE rowid >= ${from} AND rowid < ${to}`;
  return skipRows > 0 ? `${rows} OFFSET ${skipRows}` : rows;
}

/** The rows of both, where no row of the table lies between them. */
export function joined(first: ReferencePayload, next: ReferencePayload): ReferencePayload {
  return { ...first, to: next.to, byteLength: first.byteLength + next.byteLength };
}
