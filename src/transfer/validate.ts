// What the library says of a migrated table, and how fast queries are on both sides. Reads both, writes neither.
import type { SourceEngine } from '../dialect/dialect.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferRequest } from './request.ts';
import { noSuchTable } from './select.ts';
import { planComparison, verifyBoth } from './verify.ts';
import { type Comparing, withBothRead } from './verify-session.ts';

export interface TableValidation {
  readonly tableName: string;
  readonly rowCountMatch: boolean;
  /** Of about a thousand random rows; null where the table has no key to look them up by. */
  readonly sampleDataMatch: boolean | null;
  readonly schemaCompatible: boolean;
  /** Counting the target's rows, and reading all of them, takes at most twice as long as in the source, or 50 ms. */
  readonly performanceAcceptable: boolean;
  /** Of all values; null where no column can be compared. */
  readonly contentMatch: boolean | null;
}

/** A text for both sides, or one for each. */
export type PerformanceQuery = string | { readonly source: string; readonly target: string };

export interface QueryPerformance {
  readonly query: PerformanceQuery;
  /** Medians of several runs, to the last row. */
  readonly sourceSeconds: number;
  readonly targetSeconds: number;
  /** Target by source: 2 is twice as slow. */
  readonly ratio: number;
  readonly sourceRows: number;
  readonly targetRows: number;
}

const RUNS = 3;
const RATIO_MAX = 2;
const FLOOR_SECONDS = 0.05;

/** @throws FerrowError E_NO_SUCH_TABLE, or why the table can't be compared */
export async function validateMigration(request: TransferRequest): Promise<TableValidation> {
  return withBothRead(request, async (comparing) => {
    const at = (level: 'sample' | 'full') =>
      verifyBoth(comparing, { ...request, options: { ...request.options, verify: level } });
    const full = (await at('full')).tables[0];
    if (full === undefined) {
      const [name] = request.options.tables;
      throw noSuchTable(name ?? '', await comparing.source.engine.catalog(request.options.schema));
    }
    if (full.error) throw FerrowError.fromWire(full.error);
    const { tableName, rowCountMatch, schemaCompatible, contentMatch, targetExists } = full;
    const sample = targetExists ? (await at('sample')).tables[0] : null;
    return {
      tableName,
      rowCountMatch,
      sampleDataMatch: targetExists ? (sample?.contentMatch ?? null) : false,
      schemaCompatible,
      performanceAcceptable: targetExists && (await isFastEnough(comparing, request)),
      contentMatch: targetExists ? contentMatch : false,
    };
  });
}

async function isFastEnough(comparing: Comparing, request: TransferRequest): Promise<boolean> {
  const [task] = (await planComparison(comparing, request)).tasks;
  if (!task?.standing) return false;
  const { source, target } = comparing;
  const here = source.dialect.ddl.quoteTable(task.plan.source);
  const there = target.dialect.ddl.quoteTable(task.standing);
  const queries = ['SELECT count(*) FROM ', 'SELECT * FROM '].map((head) => ({
    source: head + here,
    target: head + there,
  }));
  for (const query of queries) {
    const { sourceSeconds, targetSeconds } = await timeBoth(comparing, query);
    if (targetSeconds > Math.max(FLOOR_SECONDS, RATIO_MAX * sourceSeconds)) return false;
  }
  return true;
}

/** @throws FerrowError E_USAGE for anything that is not one statement that reads */
export async function compareQueryPerformance(
  request: TransferRequest,
  queries: readonly PerformanceQuery[],
): Promise<QueryPerformance[]> {
  return withBothRead(request, async (comparing) => {
    const found: QueryPerformance[] = [];
    for (const query of queries) {
      request.signal.throwIfAborted();
      found.push(await timeBoth(comparing, query));
    }
    return found;
  });
}

/** One side after the other: two at once would take each other's time. */
async function timeBoth({ source, target }: Comparing, query: PerformanceQuery): Promise<QueryPerformance> {
  const texts = typeof query === 'string' ? { source: query, target: query } : query;
  const here = await medianOf(source.engine, texts.source);
  const there = await medianOf(target.engine, texts.target);
  return {
    query,
    sourceSeconds: here.seconds,
    targetSeconds: there.seconds,
    ratio: here.seconds > 0 ? there.seconds / here.seconds : 1,
    sourceRows: here.rows,
    targetRows: there.rows,
  };
}

async function medianOf(engine: SourceEngine, sql: string): Promise<{ seconds: number; rows: number }> {
  const seconds: number[] = [];
  let rows = 0;
  for (let run = 0; run < RUNS; run++) {
    const timed = await engine.timeQuery(sql);
    seconds.push(timed.seconds);
    rows = timed.rows;
  }
  seconds.sort((a, b) => a - b);
  return { seconds: seconds[Math.floor(RUNS / 2)], rows };
}
