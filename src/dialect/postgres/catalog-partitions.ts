// Partitions of partitioned tables, with what each has of its own. Main thread.
import type pg from 'pg';
import type { IndexSchema, Partitioning } from '../../types/schema.ts';
import { indexSchema } from './catalog-constraints.ts';
import { INDEXES } from './catalog-queries.ts';
import type { IndexRow, PartitionRow } from './catalog-rows.ts';
import { ALTERS, INHERITED_INDEXES, OWN_CONSTRAINTS, OWN_DEFAULTS, PARTITIONS } from './feature-queries.ts';

type Partitions = Partitioning['partitions'];

interface OfTable {
  table_oid: string;
}

/** By the oid of the table above. */
export async function readPartitions(
  client: pg.Client,
  partitioned: readonly string[],
): Promise<Map<string, Partitions>> {
  if (partitioned.length === 0) return new Map();
  const { rows } = await client.query<PartitionRow>(PARTITIONS, [partitioned]);
  const oids = rows.map((row) => row.oid);
  const constraints = grouped(
    (await client.query<OfTable & { name: string; definition: string }>(OWN_CONSTRAINTS, [oids])).rows,
  );
  const inherited = new Set(
    (await client.query<OfTable & { name: string }>(INHERITED_INDEXES, [oids])).rows.map(indexKey),
  );
  const indexes = grouped(
    (await client.query<IndexRow>(INDEXES, [oids])).rows.filter((row) => !inherited.has(indexKey(row))),
  );
  const actions = (sql: string) => client.query<OfTable & { action: string }>(sql, [oids]);
  const alters = grouped([...(await actions(OWN_DEFAULTS)).rows, ...(await actions(ALTERS)).rows]);

  const byParent = new Map<string, PartitionRow[]>();
  for (const row of rows) byParent.set(row.parent_oid, [...(byParent.get(row.parent_oid) ?? []), row]);
  const below = (oid: string): Partitions =>
    (byParent.get(oid) ?? []).map((row) => {
      const own = indexes.get(row.oid)?.map((index): IndexSchema => indexSchema(index));
      const keys = constraints.get(row.oid)?.map(({ name, definition }) => ({ name, definition }));
      const alter = alters.get(row.oid)?.map((each) => each.action);
      return {
        schema: row.schema,
        name: row.name,
        bound: row.bound,
        partitioning: row.part_key === null ? null : { key: row.part_key, partitions: below(row.oid) },
        ...(own ? { indexes: own } : {}),
        ...(keys ? { constraints: keys } : {}),
        ...(alter ? { alter } : {}),
        ...(row.comment === null ? {} : { comment: row.comment }),
        ...(row.unlogged ? { unlogged: true } : {}),
      };
    });
  return new Map(partitioned.map((oid) => [oid, below(oid)]));
}

const indexKey = (row: OfTable & { name: string }) => `${row.table_oid} ${row.name}`;

function grouped<Row extends OfTable>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.table_oid);
    if (group) group.push(row);
    else groups.set(row.table_oid, [row]);
  }
  return groups;
}
