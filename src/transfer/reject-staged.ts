// The end of a load where rows may be left out: rows that only the table itself refuses are taken out of the staged ones, and
// the end is tried again.
import type { TargetEngine } from '../dialect/dialect.ts';
import { isForRows } from '../dialect/stored-rejects.ts';
import { failpoint } from '../errors/failpoint.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { NotCarried } from '../types/schema.ts';
import { bookRejects, refuseTooMany } from './reject-book.ts';
import type { TransferRequest } from './request.ts';
import type { TableRun } from './table-run.ts';

export type Asking = Pick<TransferRequest, 'options' | 'events'>;

/** @throws FerrowError as the target's finishTable, where no row can be left out to mend it; E_TOO_MANY_REJECTS */
export async function finishLeavingOut(
  engine: TargetEngine,
  table: TableRun,
  request: Asking,
  runId: string,
): Promise<NotCarried[]> {
  for (;;) {
    try {
      return await engine.finishTable(table.plan.load);
    } catch (error) {
      if (!mayLeaveOut(error, request) || (await rejectStaged(engine, table, request, runId)) === 0)
        throw error;
    }
  }
}

/** The same for the end of the run, where tables wait that refer to each other. A table with too many rejects is left behind. */
export async function finishRunLeavingOut(
  engine: TargetEngine,
  tables: readonly TableRun[],
  request: Asking,
  runId: string,
): Promise<NotCarried[]> {
  const finish = (finished: readonly TableRun[]) =>
    engine.finishRun(finished.map((table) => table.plan.load));
  return endLeavingOut(engine, tables, request, runId, finish);
}

/** What ends several tables together: is tried again without the rows that are at fault, with the tables that have not too many. */
export async function endLeavingOut<T>(
  engine: TargetEngine,
  tables: readonly TableRun[],
  request: Asking,
  runId: string,
  end: (finished: readonly TableRun[]) => Promise<T>,
): Promise<T> {
  for (;;) {
    const finished = tables.filter((table) => table.finished);
    try {
      return await end(finished);
    } catch (error) {
      if (!mayLeaveOut(error, request)) throw error;
      let taken = 0;
      for (const table of finished) {
        try {
          taken += await rejectStaged(engine, table, request, runId);
        } catch (failure) {
          const known = FerrowError.from(failure, 'E_WRITE', { table: table.name });
          if (known.code !== 'E_TOO_MANY_REJECTS') throw failure;
          table.fail(known);
          table.finished = false;
          taken++;
        }
      }
      if (taken === 0) throw error;
    }
  }
}

function mayLeaveOut(error: unknown, { options }: Asking): boolean {
  return options.onError === 'skip' && error instanceof FerrowError && isForRows(error);
}

async function rejectStaged(
  engine: TargetEngine,
  table: TableRun,
  request: Asking,
  runId: string,
): Promise<number> {
  const { plan, crossing, rejects } = table;
  const { load, columns } = plan;
  const taken = await engine.rejectStaged(load, {
    runId,
    table: table.name,
    key: crossing.keyColumns.map((at) => load.columns[at].name),
    sourceNames: Object.fromEntries(columns.map(({ read, write }) => [write.name, read.name])),
    before: rejects.staged,
  });
  if (taken.rows === 0) return 0;
  failpoint('rejects.committed');
  table.rows -= taken.rows;
  rejects.staged += taken.rows;
  bookRejects(table, taken, request);
  refuseTooMany(table, request.options);
  return taken.rows;
}
