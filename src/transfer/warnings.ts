// What a run can't bring along, said to people: one warning for each thing, by name and with the reason. Pure.
import type { Engine } from '../types/logical-type.ts';
import {
  type DatabaseSchema,
  displayName,
  type NotCarried,
  type OtherObject,
  type UserType,
} from '../types/schema.ts';
import type { TransferOptions } from './options.ts';
import { ENGINE_NAMES } from './origins.ts';
import type { Plan } from './plan.ts';
import type { TablePlan } from './plan-table.ts';
import type { Warning } from './report.ts';
import type { SelectedTable } from './select.ts';

/** Numbers and times that the target only holds as text. */
export function asTextWarnings({ displayName: table, columns }: TablePlan): Warning[] {
  return columns
    .filter((column) => column.asText)
    .map(({ mapping }) => ({
      code: 'W_KEPT_AS_TEXT',
      table,
      column: mapping.source,
      message: `${mapping.sourceType} becomes ${mapping.targetType}, exact text: ${mapping.because}`,
      hint: 'cast it where you calculate, sort or compare by value',
    }));
}

/** What a plan leaves out, as warnings. */
export function notCarriedWarnings({
  notCarried,
}: {
  readonly notCarried: readonly NotCarried[];
}): Warning[] {
  return notCarried.map(({ object, name, reason, table, column, instead, hint }) => ({
    code: instead === undefined ? 'W_NOT_CARRIED' : 'W_CARRIED_OTHERWISE',
    table,
    column: column ?? null,
    message: `${thing(object, name)} ${instead === undefined ? 'not carried' : `carried ${instead}`}: ${reason}`,
    ...(hint === undefined ? {} : { hint }),
    object,
    name,
    reason,
  }));
}

/** A name may say the object itself: `2 comments`, `comment of a view`. */
function thing(object: string, name: string): string {
  const isMany = name.startsWith(`${Number.parseInt(name, 10)} ${object}s`);
  const isSaid = isMany || name.startsWith(`1 ${object}`) || name.startsWith(`${object} of `);
  return `${isSaid ? name : `${object} ${name}`} ${isMany ? 'are' : 'is'}`;
}

/**
 * Triggers, functions, grants and the like, and types that no column needs: each by name. With `--tables`, only
 * what hangs on a chosen table.
 */
export function otherWarnings(
  catalog: DatabaseSchema,
  selected: readonly SelectedTable[],
  plan: Plan,
  include: readonly string[],
  target: Engine,
): Warning[] {
  const names = new Set(selected.map((entry) => entry.table.name));
  const sameEngine = catalog.engine === target;
  const concerns = (other: OtherObject) =>
    !(other.carriedToSame && sameEngine) &&
    (other.table === null ? include.length === 0 : names.has(other.table));
  const others = catalog.others.filter(concerns).map((other) => {
    const table = other.table === null ? null : tableOf(other, selected);
    // What hangs on a table is named beside it.
    const named = table === null ? other : { schema: null, name: other.name };
    return notCarried(named, other.kind, table, catalog, whyNot(other, catalog.engine));
  });
  const types = include.length > 0 ? [] : unneededTypes(catalog, plan, sameEngine);
  const reason = 'no column that is moved needs it';
  return [...others, ...types.map((type) => notCarried(type, 'type', null, catalog, reason))];
}

/** The display name of the table that it hangs on. */
function tableOf({ schema, table }: OtherObject, selected: readonly SelectedTable[]): string | null {
  const ofName = selected.filter((entry) => entry.table.name === table);
  return (ofName.find((entry) => entry.table.schema === schema) ?? ofName[0])?.displayName ?? table;
}

/** A type with columns is carried with them, to another engine as a type of its own. */
function unneededTypes({ types }: DatabaseSchema, plan: Plan, sameEngine: boolean): UserType[] {
  const columns = plan.tables.flatMap(({ source, load }) => (sameEngine ? load.table : source).columns);
  const needed = new Set(columns.flatMap(({ needs }) => (needs ?? []).map(keyOf)));
  return types.filter((type) => !needed.has(keyOf(type)));
}

const keyOf = ({ schema, name }: UserType) => JSON.stringify([schema, name]);

function notCarried(
  named: { readonly schema: string | null; readonly name: string },
  object: string,
  table: string | null,
  catalog: DatabaseSchema,
  reason: string,
): Warning {
  const name = displayName(named, catalog.defaultSchema);
  const message = `${object} "${name}" is not carried: ${reason}`;
  return { code: 'W_NOT_CARRIED', table, column: null, message, object, name, reason };
}

function whyNot({ kind }: OtherObject, engine: Engine): string {
  switch (kind) {
    case 'sequence':
      return 'no table that is moved takes its numbers from it';
    case 'type':
      return 'columns of it get a type of the target';
    case 'virtual table':
      return 'virtual tables, and the tables they keep their data in, work in SQLite alone';
    case 'foreign table':
      return 'its rows are not in this database';
    case 'policy':
    case 'grant':
      return 'rights stay with the database';
    case 'extension':
      return 'extensions are installed, not copied';
    case 'table option':
      return `only ${ENGINE_NAMES[engine]} has it`;
    default:
      return `it is a definition in the SQL of ${ENGINE_NAMES[engine]}`;
  }
}

/** Tables whose fast way of reading gave something else than the engine itself, which then read them. */
export function plainWayWarnings(
  found: readonly { readonly table: string; readonly reason: string }[],
): Warning[] {
  return found.map(({ table, reason }) => ({
    code: 'W_PLAIN_WAY',
    table,
    column: null,
    message: `it was read by the engine itself, since its pages do not agree with that: ${reason}`,
    hint: 'run PRAGMA integrity_check on the source',
  }));
}

/** What was asked for by name is said all the same: such tables are empty after the server has crashed. */
export function unloggedWarnings({ tables }: Plan, options: TransferOptions): Warning[] {
  return (options.unlogged ? tables : []).map(({ displayName, load }) => {
    const warning = { code: 'W_UNLOGGED', table: displayName, column: null };
    if (load.mode === 'append')
      return { ...warning, message: 'it stands already, and stays logged or unlogged' };
    return {
      ...warning,
      message: 'it is unlogged: the server empties it after a crash, and replicas do not have it',
      hint: 'ALTER TABLE … SET LOGGED writes it to the log when all is loaded',
    };
  });
}
