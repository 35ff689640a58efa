// `ferrow rollback`: puts back the tables that a blue-green run replaced.
import { randomUUID } from 'node:crypto';
import { loadDialect } from '../dialect/registry.ts';
import { openTarget } from '../threads/engine-host.ts';
import { displayName } from '../types/schema.ts';
import { existing } from './existing-target.ts';
import type { Warning } from './report.ts';
import type { LedgerRequest } from './request.ts';
import { notCarriedWarnings } from './warnings.ts';

export interface RollbackReport {
  /** Of the rollback itself, which can be rolled back too. */
  readonly runId: string;
  /** The run whose tables were put back. */
  readonly rolledBack: string;
  /** Without secrets. */
  readonly target: string;
  readonly success: boolean;
  readonly tables: readonly RolledBackTable[];
  readonly warnings: readonly Warning[];
}

export interface RolledBackTable {
  readonly tableName: string;
  /** False for a table that the run made: its name is free again. */
  readonly stands: boolean;
  /** Where the table stands now that the run had put there. */
  readonly keptAs: string | null;
}

/** @throws FerrowError E_NOTHING_TO_ROLL_BACK, and whatever keeps the tables from changing places */
export async function rollback(request: LedgerRequest): Promise<RollbackReport> {
  const { target, run, options, signal } = request;
  signal.throwIfAborted();
  const location = await existing(target);
  const { quirks } = await loadDialect(location.engine);
  const runId = randomUUID();
  const engine = await openTarget(location, { connections: options.connections, readOnly: false });
  const interrupt = () => void engine.interrupt().catch(() => {});
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const { undone, tables, notCarried } = await engine.rollbackTables(run, runId);
    return {
      runId,
      rolledBack: undone,
      target: location.display,
      success: true,
      tables: tables.map(({ table, old, stands }) => ({
        tableName: displayName(table, quirks.defaultSchema),
        stands,
        keptAs: old && displayName(old, quirks.defaultSchema),
      })),
      warnings: notCarriedWarnings({ notCarried }),
    };
  } finally {
    signal.removeEventListener('abort', interrupt);
    await engine.close();
  }
}
