// Schema + columns + row count, in canonical types: what decode gives and encode takes.
import type { LogicalType } from '../types/logical-type.ts';
import type { Column } from './column.ts';

export interface Field {
  readonly name: string;
  readonly type: LogicalType;
}

export interface Batch {
  readonly fields: readonly Field[];
  /** Same length and order as `fields`; each of `rowCount` values. */
  readonly columns: readonly Column[];
  readonly rowCount: number;
}
