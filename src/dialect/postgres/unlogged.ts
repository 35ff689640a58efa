// Tables whose rows PostgreSQL doesn't log. Pure.
import type { Partitioning } from '../../types/partitioning.ts';
import type { TableSchema } from '../../types/schema.ts';

/** The same table unlogged, with all of its partitions: a partitioned table holds no rows itself. */
export function unlogged(table: TableSchema): TableSchema {
  const tableFacts = { ...table.tableFacts, unlogged: true };
  const { partitioning } = table;
  return { ...table, tableFacts, ...(partitioning ? { partitioning: allUnlogged(partitioning) } : {}) };
}

function allUnlogged({ key, partitions }: Partitioning): Partitioning {
  return {
    key,
    partitions: partitions.map((partition) => ({
      ...partition,
      unlogged: true,
      partitioning: partition.partitioning && allUnlogged(partition.partitioning),
    })),
  };
}
