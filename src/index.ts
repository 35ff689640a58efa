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
  type DatabaseSettings,
} from './transfer/database-factory.ts';
export {
  type CallOptions,
  DatabaseMigrator,
  type MigrateAllOptions,
  type MigrateTableOptions,
  type TableSize,
  type TuneCallOptions,
} from './transfer/database-migrator.ts';
export type { DoctorReport } from './transfer/doctor.ts';
export type { TableOptions, TransferOptions, TransferOptionsInput } from './transfer/options.ts';
export { MigrationProgressTracker, type ProgressReport } from './transfer/progress-tracker.ts';
export { openReader, type ReaderOptions } from './transfer/reader.ts';
export type {
  ColumnMapping,
  Report,
  TablePlanReport,
  TableResult,
  Verdict,
  VerifyLevel,
  Warning,
} from './transfer/report.ts';
export type { RollbackReport, RolledBackTable } from './transfer/rollback.ts';
export type { SampleRow } from './transfer/sample.ts';
export type { SchemaScript } from './transfer/schema-commands.ts';
export type {
  SchemaComparison,
  TableComparison,
  TypeDifference,
  ViewComparison,
} from './transfer/schema-compare.ts';
export { testConnection } from './transfer/test-connection.ts';
export type { Axes, Setting } from './transfer/tune-grid.ts';
export type { SettingResult, TuneReport } from './transfer/tune-report.ts';
export type { LogicalType } from './types/logical-type.ts';
export type * from './types/schema.ts';
export { VERSION } from './version.ts';
