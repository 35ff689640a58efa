// The engine's commands, as the CLI calls them: loaded only when one is run, so that --help and wrong usage
// answer at once; and behind an interface, so that tests can put others in their place.
import type { DoctorReport } from '../transfer/doctor.ts';
import type { RepairReport } from '../transfer/repair.ts';
import type { Report } from '../transfer/report.ts';
import type { LedgerRequest, TransferRequest } from '../transfer/request.ts';
import type { RollbackReport } from '../transfer/rollback.ts';
import type { RunsReport } from '../transfer/runs.ts';
import type { SchemaScript } from '../transfer/schema-commands.ts';
import type { SchemaComparison } from '../transfer/schema-compare.ts';
import type { TuneRequest } from '../transfer/tune.ts';
import type { TuneReport } from '../transfer/tune-report.ts';
import type { VerifyReport } from '../transfer/verify.ts';

/** Each opens and closes what it needs, and throws FerrowError; a failed run is a report, not a throw. */
export interface Commands {
  /** Runs or, with `dryRun`, plans. */
  transfer(request: TransferRequest): Promise<Report>;
  sync(request: TransferRequest): Promise<Report>;
  verify(request: TransferRequest): Promise<VerifyReport>;
  repair(request: TransferRequest): Promise<RepairReport>;
  resume(request: LedgerRequest): Promise<Report>;
  rollback(request: LedgerRequest): Promise<RollbackReport>;
  retryRejects(request: LedgerRequest): Promise<Report>;
  runs(request: LedgerRequest, clean: string | null): Promise<RunsReport>;
  compareSchemas(request: TransferRequest): Promise<SchemaComparison>;
  scriptSchema(request: TransferRequest): Promise<SchemaScript>;
  examine(request: TransferRequest): Promise<DoctorReport>;
  tune(request: TuneRequest): Promise<TuneReport>;
}

export async function loadCommands(): Promise<Commands> {
  const [{ transfer }, { compareSchemas, scriptSchema }] = await Promise.all([
    import('../transfer/transfer.ts'),
    import('../transfer/schema-commands.ts'),
  ]);
  return {
    transfer,
    compareSchemas,
    scriptSchema,
    // Loaded when they are called: each costs the start of all others a few milliseconds.
    sync: async (request) => (await import('../transfer/sync.ts')).sync(request),
    verify: async (request) => (await import('../transfer/verify.ts')).verify(request),
    repair: async (request) => (await import('../transfer/repair.ts')).repair(request),
    resume: async (request) => (await import('../transfer/resume.ts')).resume(request),
    rollback: async (request) => (await import('../transfer/rollback.ts')).rollback(request),
    retryRejects: async (request) => (await import('../transfer/retry-rejects.ts')).retryRejects(request),
    runs: async (request, clean) => (await import('../transfer/runs.ts')).runs(request, clean),
    examine: async (request) => (await import('../transfer/doctor.ts')).examine(request),
    tune: async (request) => (await import('../transfer/tune.ts')).tune(request),
  };
}
