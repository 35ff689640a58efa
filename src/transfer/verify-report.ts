// What a verification found, as the library gives it and `--json` prints it. Plain data.
import type { PartitionDigest } from '../digest/partition-sums.ts';
import type { WireError } from '../errors/ferrow-error.ts';
import type { VerifyLevel, Warning } from './report.ts';
import type { Difference, DifferenceCounts } from './verify-differences.ts';
import type { FigureDifference } from './verify-figures.ts';

export interface TableVerification {
  readonly tableName: string;
  /** Name in the target. */
  readonly targetName: string;
  readonly targetExists: boolean;
  /** What was compared; null where nothing could be. */
  readonly level: VerifyLevel | null;
  /** By each database's own count(*); null where it could not be counted. */
  readonly sourceRows: number | null;
  readonly targetRows: number | null;
  readonly rowCountMatch: boolean;
  /** Every column is in both and can be compared; what differs beside that is for `schema compare`. */
  readonly schemaCompatible: boolean;
  readonly schemaDifferences: readonly string[];
  /** Of the columns that were compared; null where no values were. */
  readonly contentMatch: boolean | null;
  /** Digests of all rows, 16 hexadecimal digits; `full` only. */
  readonly sourceHash: string | null;
  readonly targetHash: string | null;
  /** The partitions in which the source was read now; `sourceHash` is their sum. */
  readonly sourcePartitions: readonly PartitionDigest[];
  /** How many rows differ; null where that was not looked into. */
  readonly differences: DifferenceCounts | null;
  /** Up to `maxDifferences` rows. */
  readonly rows: readonly Difference[];
  /** What both databases' own SQL say otherwise of a column. */
  readonly figures: readonly FigureDifference[];
  /** Rows that were picked; `sample` only. */
  readonly sampledRows: number | null;
  readonly notCompared: readonly { readonly column: string | null; readonly reason: string }[];
  /** Why the table could not be compared. */
  readonly error: WireError | null;
  readonly equal: boolean;
  readonly elapsedSeconds: number;
}

export interface VerifyReport {
  readonly source: string;
  readonly target: string;
  readonly sourceVersion: string;
  readonly targetVersion: string;
  readonly level: VerifyLevel;
  readonly success: boolean;
  readonly totalTables: number;
  readonly equalTables: number;
  readonly tables: readonly TableVerification[];
  /** Tables of the target that nothing was compared with. */
  readonly onlyInTarget: readonly string[];
  readonly warnings: readonly Warning[];
}
