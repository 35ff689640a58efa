// Where a table of a blue-green run stands while it waits for its swap: under its own name in a schema of its own, so that
// everything on it (indexes, constraints, sequences) has its right name from the beginning. Pure.
import type { ColumnSchema, Json, NotCarried, TableName, TableSchema } from '../../types/schema.ts';
import type { TableLoad } from '../dialect.ts';
import { quote } from './names.ts';

/** Called as the staging table is: short, hashed, the run's own. */
export function builtSchema({ staging }: Pick<TableLoad, 'staging'>): string {
  return staging.name;
}

/** The load as finishTable and finishRun see it, all of the run's tables in their places before the swap. */
export function asBuilt(load: TableLoad, run: readonly TableLoad[] = [load]): TableLoad {
  const places = new Map(run.map((each) => [keyOf(each.table), builtSchema(each)]));
  const schema = builtSchema(load);
  const foreignKeys = load.table.foreignKeys.map((key) => {
    const moved = places.get(keyOf(key.references));
    return moved === undefined ? key : { ...key, references: { ...key.references, schema: moved } };
  });
  return {
    ...load,
    mode: 'create',
    staging: { schema, name: load.staging.name },
    table: {
      ...load.table,
      schema,
      foreignKeys,
      columns: load.table.columns.map(numberedFrom(run)),
      tableFacts: withoutForeignKeys(load.table.tableFacts),
    },
  };
}

/** A column that takes its numbers from the sequence of another table of the run finds it where that table is built. */
function numberedFrom(run: readonly TableLoad[]): (column: ColumnSchema) => ColumnSchema {
  const sequences = new Map(
    run.flatMap((load) =>
      load.table.columns.flatMap(({ identity }) => {
        const name = identity?.options?.name;
        return name ? [[keyOf(name), { ...name, schema: builtSchema(load) }] as const] : [];
      }),
    ),
  );
  return (column) => {
    const { default: value } = column;
    if (value?.kind !== 'sequence' || !value.options?.name) return column;
    const name = sequences.get(keyOf(value.options.name));
    return name ? { ...column, default: { ...value, options: { ...value.options, name } } } : column;
  };
}

/** Those that are text name other tables as they will be called: they come after the swap. */
function withoutForeignKeys(facts: TableSchema['tableFacts']): TableSchema['tableFacts'] {
  const own = facts?.['constraints'];
  if (!Array.isArray(own)) return facts;
  const isKey = (each: Json) => (each as { readonly object?: Json } | null)?.object === 'foreign key';
  return { ...facts, constraints: own.filter((each) => !isKey(each)) };
}

const keyOf = ({ schema, name }: TableName) => JSON.stringify([schema, name]);

/** What was not carried, with statements that work after the swap. */
export function afterSwap(notCarried: readonly NotCarried[], loads: readonly TableLoad[]): NotCarried[] {
  return notCarried.map((each) => {
    if (each.hint === undefined) return each;
    let { hint } = each;
    for (const load of loads)
      hint = hint.replaceAll(`${quote(builtSchema(load))}.`, `${quote(load.table.schema ?? 'public')}.`);
    return { ...each, hint };
  });
}
