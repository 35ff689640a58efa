// Schemas written down by hand: what a test doesn't care about is filled in. Pure.
import type { ColumnSchema, TableSchema } from '../../src/types/schema.ts';

/** A nullable column with nothing special about it. */
export function columnSchema(
  name: string,
  nativeType: string,
  facts: Partial<ColumnSchema> = {},
): ColumnSchema {
  return {
    name,
    nativeType,
    nullable: true,
    default: null,
    identity: null,
    generated: null,
    collation: null,
    comment: null,
    ...facts,
  };
}

/** A table of schema `main` without keys, constraints and indexes. */
export function tableSchema(
  name: string,
  columns: readonly ColumnSchema[],
  facts: Partial<TableSchema> = {},
): TableSchema {
  return {
    schema: 'main',
    name,
    columns,
    primaryKey: null,
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    comment: null,
    estimatedRows: null,
    sizeBytes: null,
    ...facts,
  };
}
