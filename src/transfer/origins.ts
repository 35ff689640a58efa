// The way home: what columns were before, kept in the target, and found again when they come back. Pure.
import type { TableLoad } from '../dialect/dialect.ts';
import type { Engine } from '../types/logical-type.ts';
import type { ColumnOrigin, ColumnSchema } from '../types/schema.ts';

export const ENGINE_NAMES: Readonly<Record<Engine, string>> = {
  postgres: 'PostgreSQL',
  sqlite: 'SQLite',
  duckdb: 'DuckDB',
};

/** What the column was when it was last in `engine`; null if it never was, or nobody knows. */
export function homeOf(column: ColumnSchema, engine: Engine): ColumnOrigin | null {
  for (let origin = column.origin; origin; origin = origin.origin) {
    if (origin.engine === engine) return origin;
  }
  return null;
}

/** What is to be remembered of the columns of a table that is made: what they were in `from`, and before that. */
export function originsOf(
  columns: readonly {
    readonly source: ColumnSchema;
    readonly made: ColumnSchema;
    readonly facts?: ColumnOrigin['typeFacts'];
  }[],
  from: Engine,
  to: Engine,
): NonNullable<TableLoad['origins']> {
  return columns.flatMap(({ source, made, facts }) => {
    const origin = from === to ? source.origin : leaving(source, made, from, facts);
    const kept = origin && shortened(origin, to);
    return kept ? [{ column: made.name, made: made.nativeType, origin: kept }] : [];
  });
}

function leaving(
  column: ColumnSchema,
  made: ColumnSchema,
  engine: Engine,
  facts: ColumnOrigin['typeFacts'],
): ColumnOrigin {
  const { nativeType, needs, collation, origin } = column;
  const typeFacts = column.typeFacts || facts ? { ...column.typeFacts, ...facts } : undefined;
  return {
    engine,
    nativeType,
    ...(typeFacts === undefined ? {} : { typeFacts }),
    ...(needs === undefined || needs.length === 0 ? {} : { needs }),
    ...(collation === null ? {} : { collation }),
    ...(made.nativeType === 'INTEGER' && !isNumbered(column) ? { unnumbered: true as const } : {}),
    ...(origin === undefined ? {} : { origin }),
  };
}

function isNumbered({ identity, default: value }: ColumnSchema): boolean {
  return identity !== null || value?.kind === 'sequence';
}

/** How the column is numbered; an INTEGER PRIMARY KEY that came from a column without numbers counts unasked. */
export function meantIdentity({ identity, origin }: ColumnSchema): ColumnSchema['identity'] {
  return identity?.kind === 'rowid' && origin?.unnumbered ? null : identity;
}

/** Only the latest of each engine counts, and none of the engine where the column stands now. */
function shortened(origin: ColumnOrigin, here: Engine): ColumnOrigin | undefined {
  const kept: ColumnOrigin[] = [];
  for (let each: ColumnOrigin | undefined = origin; each; each = each.origin) {
    const { engine } = each;
    if (engine !== here && !kept.some((other) => other.engine === engine)) kept.push(each);
  }
  return kept.reduceRight<ColumnOrigin | undefined>(
    (rest, { origin: _before, ...own }) => ({ ...own, ...(rest ? { origin: rest } : {}) }),
    undefined,
  );
}
