// Changes of tables that DuckDB's log can't carry. Engine thread.
//
// DuckDB 1.5 writes ALTER TABLE of a table with a computed default (nextval('s'), 5 + 5) to its log and can't read it back: a
// process that is killed before the next checkpoint leaves a file that nobody can open ("Failure while replaying WAL
// file"). A commit that checkpoints at once writes no log. It can't while other transactions are open, so such
// tables wait for the end of the run.
import type { TableSchema } from '../../types/schema.ts';
import { CHECKPOINT_THRESHOLD, type Link } from './connect.ts';
import { run } from './query.ts';

const LITERAL = /^\s*([+-]?[\d.]+|'([^']|'')*'|null|true|false)\s*$/i;

/** Whether a default of the table is more than a literal. */
export function hasComputedDefault(table: TableSchema): boolean {
  return table.columns.some((column) => column.default !== null && !LITERAL.test(column.default.sql ?? ''));
}

/** Runs work whose commits go straight to the file. No other transaction of this instance may be open. */
export async function finishUnlogged(link: Link, work: () => Promise<void>): Promise<void> {
  await run(link, 'CHECKPOINT');
  await run(link, "SET checkpoint_threshold = '0 bytes'");
  // Small commits would be logged first and checkpointed then.
  await run(link, 'SET auto_checkpoint_skip_wal_threshold = 0');
  try {
    await work();
  } finally {
    await run(link, 'RESET auto_checkpoint_skip_wal_threshold');
    await run(link, `SET checkpoint_threshold = '${CHECKPOINT_THRESHOLD}'`);
  }
}
