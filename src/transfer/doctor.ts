// `ferrow doctor`: what would stop or hurt a run, before anything is moved. Opens and closes what it needs.
import type { ServerInfo } from '../dialect/dialect.ts';
import { analyse } from './analyse.ts';
import { estimateSeconds } from './batch-size.ts';
import { tableKey, targetName } from './plan-names.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { withSession } from './session.ts';

export interface DoctorReport {
  readonly source: ServerInfo;
  readonly target: ServerInfo;
  readonly tables: readonly {
    readonly tableName: string;
    readonly rowCount: number;
    readonly sizeBytes: number | null;
    readonly targetExists: boolean;
    readonly estimatedSeconds: number;
  }[];
  readonly totalRows: number;
  readonly totalBytes: number;
  readonly estimatedSeconds: number;
  readonly freeBytes: number | null;
  /** What would stop or hurt a run. */
  readonly problems: readonly string[];
  readonly warnings: readonly Warning[];
  readonly success: boolean;
}

/** `ferrow doctor`: both connections, versions, rights, sizes, estimated time and free disk. Writes nothing. */
export async function examine(request: TransferRequest): Promise<DoctorReport> {
  return withSession(request, true, async (session) => {
    const [source, target] = [await session.source.engine.describe(), await session.target.engine.describe()];
    const options = { ...request.options, dryRun: true };
    const analysis = await analyse(session, { ...request, options }, 'doctor');
    const { quirks } = session.target.dialect;
    const there = new Set(analysis.targetCatalog.tables.map((table) => tableKey(table, quirks)));
    const planned = new Map(analysis.plan.tables.map((table) => [table.displayName, table]));
    const tables: DoctorReport['tables'][number][] = [];
    // Tables that the plan refuses are listed too, as they would be called if nothing stood in the way.
    for (const { displayName, table } of analysis.selected) {
      request.signal.throwIfAborted();
      const counted = analysis.sourceRows.get(displayName);
      const rowCount = counted ?? (await session.source.engine.countRows(table, null));
      const own = targetName(table, analysis.sourceCatalog, quirks, undefined);
      const targetExists = there.has(tableKey(planned.get(displayName)?.load.table ?? own, quirks));
      const { sizeBytes } = table;
      const estimatedSeconds = estimateSeconds(rowCount, sizeBytes);
      tables.push({ tableName: displayName, rowCount, sizeBytes, targetExists, estimatedSeconds });
    }
    const totalRows = tables.reduce((sum, table) => sum + table.rowCount, 0);
    const totalBytes = tables.reduce((sum, table) => sum + (table.sizeBytes ?? 0), 0);
    const problems = [
      ...source.problems,
      ...target.problems,
      ...analysis.plan.refusals.map((refusal) => `${refusal.message} (${refusal.hint})`),
    ];
    if (target.freeBytes !== null && target.freeBytes < totalBytes * 1.5) {
      problems.push(
        `the target has ${mebibytes(target.freeBytes)} free; the data may need ${mebibytes(totalBytes * 1.5)}`,
      );
    }
    const estimatedSeconds = estimateSeconds(totalRows, totalBytes);
    const { freeBytes } = target;
    const success = problems.length === 0;
    const { warnings } = analysis;
    return {
      source,
      target,
      tables,
      totalRows,
      totalBytes,
      estimatedSeconds,
      freeBytes,
      problems,
      warnings,
      success,
    };
  });
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
