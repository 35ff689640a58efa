// What only PostgreSQL has of a table, as the catalog puts it into `tableFacts` and DDL takes it out again: it
// travels between PostgreSQL databases alone. Pure.
import type { Json, TableSchema } from '../../types/schema.ts';

/** A constraint that TableSchema has no room for: made again by its definition. */
export interface OwnConstraint {
  readonly object: 'exclusion constraint' | 'check' | 'foreign key';
  readonly name: string;
  readonly definition: string;
  readonly comment: string | null;
}

export interface TableFacts {
  /** How many columns the table has in its own database; null if not known. */
  readonly columnCount: number | null;
  readonly partitioned: boolean;
  readonly hasChildren: boolean;
  readonly unlogged: boolean;
  /** False for a materialised view that was never filled. */
  readonly populated: boolean;
  /** Options of a materialised view: `fillfactor=70`. */
  readonly options: readonly string[];
  readonly constraints: readonly OwnConstraint[];
  /** Checks and foreign keys that old rows may break. */
  readonly notValid: readonly string[];
  /** Checks that tables which inherit don't get. */
  readonly noInherit: readonly string[];
  /** Names of NOT NULL constraints by column, where they are the user's. */
  readonly notNull: ReadonlyMap<string, string>;
  /** Actions of ALTER TABLE for when the rows are there. */
  readonly alter: readonly string[];
}

export function tableFacts(table: Pick<TableSchema, 'tableFacts'>): TableFacts {
  const facts = table.tableFacts ?? {};
  return {
    columnCount: typeof facts['columnCount'] === 'number' ? facts['columnCount'] : null,
    partitioned: facts['partitioned'] === true,
    hasChildren: facts['hasChildren'] === true,
    unlogged: facts['unlogged'] === true,
    populated: facts['populated'] !== false,
    options: texts(facts['options']),
    constraints: list(facts['constraints']).flatMap(ownConstraint),
    notValid: texts(facts['notValid']),
    noInherit: texts(facts['noInherit']),
    notNull: new Map(
      list(facts['notNull']).flatMap((pair): [string, string][] => {
        const [column, name] = texts(pair);
        return name === undefined ? [] : [[column, name]];
      }),
    ),
    alter: texts(facts['alter']),
  };
}

/** `UNIQUE NULLS NOT DISTINCT ("a") INCLUDE ("b")`, of a key that KeySchema can't say in full. */
export function keyDefinition(table: TableSchema, name: string | null): string | null {
  const own = name === null ? undefined : table.tableFacts?.[`key ${name}`];
  return typeof own === 'string' ? own : null;
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: Json | undefined): string[] {
  return list(value).filter((each) => typeof each === 'string');
}

function ownConstraint(value: Json): OwnConstraint[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  const { object, name, definition, comment } = value as Readonly<Record<string, Json>>;
  if (typeof name !== 'string' || typeof definition !== 'string') return [];
  const known = object === 'check' || object === 'foreign key' ? object : 'exclusion constraint';
  return [{ object: known, name, definition, comment: typeof comment === 'string' ? comment : null }];
}
