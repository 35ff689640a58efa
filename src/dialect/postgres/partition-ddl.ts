// Partitions as statements, under their own names or, while rows arrive, under those of staging. Pure.
import type { Partitioning, TableName, TableSchema } from '../../types/schema.ts';
import { quote, quoteTable } from './names.ts';

export type Partition = Partitioning['partitions'][number];

/** A partition, the table above it, and what it is called for the time. */
export interface PlacedPartition {
  readonly partition: Partition;
  readonly above: TableName;
  readonly name: TableName;
}

/** All partitions of a table, those above first. `nameOf` names them by their number. */
export function placedPartitions(
  table: TableSchema,
  root: TableName,
  nameOf: (partition: Partition, number: number) => TableName,
): PlacedPartition[] {
  const placed: PlacedPartition[] = [];
  const place = (partitioning: Partitioning | null | undefined, above: TableName) => {
    for (const partition of partitioning?.partitions ?? []) {
      const name = nameOf(partition, placed.length);
      placed.push({ partition, above, name });
      place(partition.partitioning, name);
    }
  };
  place(table.partitioning, root);
  return placed;
}

/** Beside the staging table, whose short name leaves room. */
export function stagedPartitions(table: TableSchema, staging: TableName): PlacedPartition[] {
  return placedPartitions(table, staging, (partition, number) => ({
    schema: partition.schema,
    name: `${staging.name}_${number}`,
  }));
}

export function partitionStatement({ partition, above, name }: PlacedPartition): string {
  const { bound, partitioning, unlogged } = partition;
  const by = partitioning ? ` PARTITION BY ${partitioning.key}` : '';
  const kind = unlogged && !partitioning ? 'UNLOGGED TABLE' : 'TABLE';
  return `CREATE ${kind} ${quoteTable(name)} PARTITION OF ${quoteTable(above)} ${bound}${by}`;
}

/** A constraint of the partition's own. */
export function ownConstraintStatement(
  table: TableName,
  { name, definition }: { readonly name: string; readonly definition: string },
): string {
  return `ALTER TABLE ${quoteTable(table)} ADD CONSTRAINT ${quote(name)} ${definition}`;
}
