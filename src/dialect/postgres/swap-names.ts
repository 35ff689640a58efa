// Names that a replaced table leaves to the new one: those of its indexes, sequences and statistics, which are shared by a
// schema. Main thread.
import type pg from 'pg';
import { oldName } from '../swap.ts';
import { attempt } from './attempt.ts';
import { hashedName, IDENTIFIER_BYTES_MAX, quote } from './names.ts';

/** What an old table's object was called, and is called now. */
export interface Renamed {
  readonly what: 'INDEX' | 'SEQUENCE' | 'STATISTICS';
  readonly from: string;
  readonly to: string;
}

export const keptName = (name: string): string => oldName(name, IDENTIFIER_BYTES_MAX);

/** Gives the table's indexes and the like other names; sequences that the new table takes its numbers from keep theirs. */
export async function renameAway(
  client: pg.Client,
  schema: string,
  live: string,
  built: string | null,
): Promise<Renamed[]> {
  const { rows } = await client.query<{ what: Renamed['what']; from: string }>(
    `SELECT 'INDEX' AS what, i.relname AS from FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
      WHERE x.indrelid = $1::oid
    UNION ALL SELECT 'SEQUENCE', s.relname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace AND n.nspname = $3
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjid = $1::oid AND d.deptype IN ('a', 'i') AND NOT EXISTS (${USED})
    UNION ALL SELECT 'STATISTICS', s.stxname FROM pg_catalog.pg_statistic_ext s
      JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace AND n.nspname = $3 WHERE s.stxrelid = $1::oid`,
    [live, built, schema],
  );
  const renamed: Renamed[] = [];
  for (const { what, from } of rows) {
    const to = await freeName(client, schema, what, from);
    await client.query(renaming(schema, what, from, to));
    renamed.push({ what, from, to });
  }
  return renamed;
}

/** Gives them the names back that they had. What the user has dropped since is not missed. */
export async function renameBack(
  client: pg.Client,
  schema: string,
  renamed: readonly Renamed[],
): Promise<void> {
  for (const { what, from, to } of renamed) await attempt(client, renaming(schema, what, to, from), () => {});
}

/** Sequences that belong to the old table and number the new one go over to it. */
export async function passSequences(
  client: pg.Client,
  old: string,
  built: string,
  place: string,
): Promise<void> {
  const { rows } = await client.query<{ sql: string }>(
    `SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I', s.oid::regclass, $3::text, a.attname) AS sql
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN pg_catalog.pg_depend used ON used.refclassid = 'pg_catalog.pg_class'::regclass AND used.refobjid = s.oid
        AND used.classid = 'pg_catalog.pg_attrdef'::regclass
      JOIN pg_catalog.pg_attrdef f ON f.oid = used.objid AND f.adrelid = $2::oid
      JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjid = $1::oid AND d.deptype = 'a'`,
    [old, built, place],
  );
  for (const { sql } of rows) await client.query(sql);
}

/** Defaults of the new table ($2) that take their numbers from the sequence `s`. */
const USED = `SELECT FROM pg_catalog.pg_depend used JOIN pg_catalog.pg_attrdef f ON f.oid = used.objid
  WHERE used.refclassid = 'pg_catalog.pg_class'::regclass AND used.refobjid = s.oid
    AND used.classid = 'pg_catalog.pg_attrdef'::regclass AND f.adrelid = $2::oid`;

function renaming(schema: string, what: Renamed['what'], from: string, to: string): string {
  return `ALTER ${what} ${quote(schema)}.${quote(from)} RENAME TO ${quote(to)}`;
}

async function freeName(
  client: pg.Client,
  schema: string,
  what: Renamed['what'],
  from: string,
): Promise<string> {
  const wanted = keptName(from);
  const { rows } = await client.query<{ taken: boolean }>(
    what === 'STATISTICS'
      ? `SELECT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext WHERE stxname = $2 AND stxnamespace = $1::regnamespace) AS taken`
      : `SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = $2 AND relnamespace = $1::regnamespace) AS taken`,
    [quote(schema), wanted],
  );
  return rows[0].taken ? hashedName(from, `${wanted} ${Date.now()}`) : wanted;
}
