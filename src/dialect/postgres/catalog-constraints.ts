// Keys, foreign keys, checks and indexes from the catalog's rows. Pure.
import type {
  CheckSchema,
  ForeignKeySchema,
  IndexSchema,
  Json,
  KeySchema,
  OtherObject,
  ReferentialAction,
} from '../../types/schema.ts';
import type { ConstraintRow, IndexRow, TableRow } from './catalog-rows.ts';

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

/** A name that the server made up is none: in the target it makes up its own, which clashes with nothing. */
export function keySchema(row: ConstraintRow, table: string): KeySchema {
  const madeUp = row.kind === 'p' ? `${table}_pkey` : `${table}_${row.columns.join('_')}_key`;
  const own = row.name !== madeUp || !isPlainKey(row.definition) || row.comment !== null;
  return {
    name: own ? row.name : null,
    columns: row.columns,
    ...(/^UNIQUE NULLS NOT DISTINCT /.test(row.definition) ? { nullsNotDistinct: true } : {}),
    ...(row.deferrable ? { deferrable: true, initiallyDeferred: row.deferred } : {}),
    ...(row.comment === null ? {} : { comment: row.comment }),
  };
}

function isPlainKey(definition: string): boolean {
  return /^(PRIMARY KEY|UNIQUE) \((?:"(?:[^"]|"")*"|[^")])*\)$/.test(definition);
}

export function foreignKeySchema(row: ConstraintRow): ForeignKeySchema {
  return {
    name: row.name,
    columns: row.columns,
    references: { schema: row.ref_schema, name: row.ref_name ?? '' },
    referencedColumns: row.ref_columns,
    onDelete: ACTIONS[row.on_delete] ?? 'no action',
    onUpdate: ACTIONS[row.on_update] ?? 'no action',
    match: row.match === 'f' ? 'full' : 'simple',
    deferrable: row.deferrable,
    initiallyDeferred: row.deferred,
    ...(row.comment === null ? {} : { comment: row.comment }),
  };
}

export function checkSchema(row: ConstraintRow): CheckSchema {
  return {
    name: row.name,
    expression: row.expression ?? '',
    ...(row.comment === null ? {} : { comment: row.comment }),
  };
}

export function indexSchema(row: IndexRow): IndexSchema {
  return {
    name: row.name,
    unique: row.is_unique,
    parts: row.parts.map((part) => ({
      column: part.column,
      expression: part.expression,
      descending: (part.options & 1) === 1,
      // NULLS FIRST goes with DESC, and NULLS LAST with ascending, unless said otherwise.
      ...(part.options === 2 ? { nulls: 'first' as const } : {}),
      ...(part.options === 1 ? { nulls: 'last' as const } : {}),
      collation: part.collation,
    })),
    ...(row.nulls_not_distinct ? { nullsNotDistinct: true } : {}),
    where: row.predicate,
    method: row.method,
    plain:
      row.method === 'btree' &&
      !row.has_include &&
      !row.has_options &&
      !row.nulls_not_distinct &&
      row.parts.every((part) => part.default_class && !part.collated),
    definition: row.definition,
    ...(row.comment === null ? {} : { comment: row.comment }),
  };
}

/** True for what TableSchema has no room for: it is made again by its definition, in PostgreSQL alone. */
export function isOwnOnly(row: ConstraintRow): boolean {
  return row.kind === 'x' || (row.kind === 'n' && !row.validated) || !row.enforced;
}

/** Facts of the table, for the DDL of a copy to PostgreSQL: see table-facts.ts. */
export function constraintFacts(rows: readonly ConstraintRow[]): Record<string, Json> {
  const facts: Record<string, Json> = {};
  // What KeySchema can't say in full: INCLUDE, WITHOUT OVERLAPS …
  for (const { kind, name, definition } of rows)
    if ((kind === 'p' || kind === 'u') && !isPlainKey(definition)) facts[`key ${name}`] = definition;
  const own = rows.filter(isOwnOnly).map(({ kind, name, definition, comment }) => {
    const object = kind === 'x' ? 'exclusion constraint' : kind === 'f' ? 'foreign key' : 'check';
    return { object, name, definition, comment };
  });
  if (own.length > 0) facts['constraints'] = own;
  const shown = rows.filter((row) => !isOwnOnly(row) && row.kind !== 'n');
  const notValid = shown.filter((row) => !row.validated).map((row) => row.name);
  if (notValid.length > 0) facts['notValid'] = notValid;
  const noInherit = shown.filter((row) => row.kind === 'c' && row.no_inherit).map((row) => row.name);
  if (noInherit.length > 0) facts['noInherit'] = noInherit;
  const named = rows.filter((row) => row.kind === 'n' && row.validated);
  if (named.length > 0) facts['notNull'] = named.map((row) => [row.columns[0], row.name]);
  return facts;
}

/** The same, to be listed where the target is not PostgreSQL. */
export function ownOnlyObjects(table: TableRow, rows: readonly ConstraintRow[]): OtherObject[] {
  return rows.filter(isOwnOnly).map(({ kind, name, definition }) => ({
    schema: table.schema,
    name,
    kind: kind === 'x' ? 'exclusion constraint' : 'table option',
    table: table.name,
    definition,
    carriedToSame: true,
  }));
}
