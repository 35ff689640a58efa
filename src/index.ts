// Ferrow as a library: public names only.

export type { ErrorCode, ErrorKind } from './errors/codes.ts';
export type { ErrorPlace, WireError } from './errors/ferrow-error.ts';
export { FerrowError } from './errors/ferrow-error.ts';
export type { EventName, TransferEvents } from './metrics/events.ts';
export { getOptimalBatchSize } from './transfer/batch-size.ts';
export {
  Database,
  DatabaseConfig,
  DatabaseFactory,
  type DatabaseLike,
  type DatabaseSettings,
} from './transfer/database-factory.ts';
export {
  DatabaseMigrator,
  type MigrateAllOptions,
  type MigrateTableOptions,
  type RepairCallOptions,
} from './transfer/database-migrator.ts';
export type { DoctorReport } from './transfer/doctor.ts';
export { testConnection } from './transfer/inspect.ts';
export type { CallOptions } from './transfer/migrator-calls.ts';
export type { TableSize, TuneCallOptions, VerifyCallOptions } from './transfer/migrator-looks.ts';
export type { TableOptions, TransferOptions, TransferOptionsInput } from './transfer/options.ts';
export { MigrationProgressTracker, type ProgressReport } from './transfer/progress-tracker.ts';
export { openReader, type ReaderOptions } from './transfer/reader.ts';
export type { RepairReport, TableRepair } from './transfer/repair.ts';
export type {
  ColumnMapping,
  PartitionDigest,
  Report,
  TablePlanReport,
  TableResult,
  Verdict,
  VerifyLevel,
  Warning,
} from './transfer/report.ts';
export type { RollbackReport, RolledBackTable } from './transfer/rollback.ts';
export type { RollbackSummary, RunSummary, RunsReport } from './transfer/runs.ts';
export type { SampleRow } from './transfer/sample.ts';
export type { SchemaScript } from './transfer/schema-commands.ts';
export type {
  SchemaComparison,
  TableComparison,
  TypeDifference,
  ViewComparison,
} from './transfer/schema-compare.ts';
export type {
  IncrementalOptions,
  RetryOptions,
  StreamingOptions,
  StreamProgress,
} from './transfer/strategies.ts';
export type { Axes, Setting } from './transfer/tune-grid.ts';
export type { SettingResult, TuneReport } from './transfer/tune-report.ts';
export type { PerformanceQuery, QueryPerformance, TableValidation } from './transfer/validate.ts';
export type { Difference, DifferenceCounts } from './transfer/verify-differences.ts';
export type { TableVerification, VerifyReport } from './transfer/verify-report.ts';
export { type KeptThreads, keepThreads } from './transfer/warm-up.ts';
export type { LogicalType } from './types/logical-type.ts';
export type * from './types/schema.ts';
export { VERSION } from './version.ts';
