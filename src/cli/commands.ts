// The engine's commands, as the CLI calls them: loaded only when one is run, so that --help and wrong usage
// answer at once; and behind an interface, so that tests can put others in their place.
import type { DoctorReport } from '../transfer/doctor.ts';
import type { Report } from '../transfer/report.ts';
import type { TransferRequest } from '../transfer/request.ts';
import type { SchemaScript } from '../transfer/schema-commands.ts';
import type { SchemaComparison } from '../transfer/schema-compare.ts';
import type { TuneRequest } from '../transfer/tune.ts';
import type { TuneReport } from '../transfer/tune-report.ts';

/** Each opens and closes what it needs, and throws FerrowError; a failed run is a report, not a throw. */
export interface Commands {
  /** Runs or, with `dryRun`, plans. */
  transfer(request: TransferRequest): Promise<Report>;
  compareSchemas(request: TransferRequest): Promise<SchemaComparison>;
  scriptSchema(request: TransferRequest): Promise<SchemaScript>;
  examine(request: TransferRequest): Promise<DoctorReport>;
  tune(request: TuneRequest): Promise<TuneReport>;
}

export async function loadCommands(): Promise<Commands> {
  const [{ transfer }, { compareSchemas, scriptSchema }, { examine }, { tune }] = await Promise.all([
    import('../transfer/transfer.ts'),
    import('../transfer/schema-commands.ts'),
    import('../transfer/doctor.ts'),
    import('../transfer/tune.ts'),
  ]);
  return { transfer, compareSchemas, scriptSchema, examine, tune };
}
