// What the CLI asks of the engine, and what it gets back, as far as it prints it. Types only: the engine's
// own commands (transfer/commands.ts) fit them, and so do the stand-ins of tests.
import type { EventEmitter } from 'node:events';
import type { TransferEventMap } from '../metrics/events.ts';
import type { TransferOptions } from '../transfer/options.ts';
import type { Report, Warning } from '../transfer/report.ts';
import type { NotCarried } from '../types/schema.ts';

export interface TransferRequest {
  /** Enters the report: `migrate`, `plan`, `schema compare` … */
  readonly command: string;
  /** URLs with their passwords. */
  readonly source: string;
  readonly target: string;
  readonly options: TransferOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly events: EventEmitter<TransferEventMap>;
}

export interface TableComparison {
  readonly tableName: string;
  readonly targetName: string;
  readonly sourceExists: boolean;
  readonly targetExists: boolean;
  readonly missingInTarget: readonly string[];
  readonly missingInSource: readonly string[];
  readonly typeDifferences: readonly {
    readonly column: string;
    readonly source: string;
    readonly expected: string;
    readonly target: string;
  }[];
  readonly keyDifferences: readonly string[];
  readonly differences: readonly string[];
  readonly equal: boolean;
}

export interface SchemaComparison {
  readonly source: string;
  readonly target: string;
  readonly tables: readonly TableComparison[];
  readonly equal: boolean;
  readonly warnings: readonly Warning[];
}

export interface ServerFacts {
  readonly engine: string;
  readonly version: string;
  readonly place: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly freeBytes: number | null;
  readonly problems: readonly string[];
}

export interface DoctorReport {
  readonly source: ServerFacts;
  readonly target: ServerFacts;
  readonly tables: readonly {
    readonly tableName: string;
    readonly rowCount: number;
    readonly sizeBytes: number | null;
    readonly targetExists: boolean;
    readonly estimatedSeconds: number;
  }[];
  readonly totalRows: number;
  readonly totalBytes: number | null;
  readonly estimatedSeconds: number;
  readonly freeBytes: number | null;
  readonly problems: readonly string[];
  readonly warnings: readonly Warning[];
  readonly success: boolean;
}

export interface SchemaScript {
  readonly statements: readonly string[];
  readonly notCarried: readonly NotCarried[];
  /** Runnable SQL, with comments. */
  readonly text: string;
}

/** Each opens and closes what it needs. All throw FerrowError; migrate may give a failed report instead. */
export interface Commands {
  migrate(request: TransferRequest): Promise<Report>;
  compareSchemas(request: TransferRequest): Promise<SchemaComparison>;
  scriptSchema(request: TransferRequest): Promise<SchemaScript>;
  examine(request: TransferRequest): Promise<DoctorReport>;
}
