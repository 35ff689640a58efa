// What it means when a table can't take its place: the server's error in the words of the run. Pure.
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableLoad } from '../dialect.ts';
import { fromPostgres, sqlState } from './errors.ts';
import { quote } from './names.ts';

export function finishError(error: unknown, load: TableLoad): FerrowError {
  const { table } = load;
  if (error instanceof FerrowError) return error.at({ table: table.name });
  const known = fromPostgres(error, 'ddl', { table: table.name });
  const state = sqlState(error);
  if (state === '42P07')
    return new FerrowError('E_TABLE_EXISTS', `the target has got a table "${table.name}" in the meantime`, {
      table: table.name,
      cause: known,
    });
  if (state === '2BP01') {
    const { detail } = error as { detail?: unknown };
    const what = typeof detail === 'string' ? `: ${detail}` : '';
    return new FerrowError('E_TABLE_IN_USE', `"${table.name}" can't be replaced${what}`, {
      table: table.name,
      cause: known,
    });
  }
  if (load.mode === 'append' && known.code === 'E_CONSTRAINT') {
    return new FerrowError('E_CONSTRAINT', `rows can't be appended to "${table.name}": ${known.message}`, {
      table: table.name,
      ...(known.value === undefined ? {} : { value: known.value }),
      hint: `mend the rows, or use --if-exists replace; nothing was appended to ${quote(table.name)}`,
      cause: known,
    });
  }
  return known;
}

/** Constraints of all kinds, values that a type or a domain refuses. */
const ROW_STATES = /^(23|22)/;

/**
 * A constraint that rows of the source violate is left out of their table and listed; where rows can be left out, they are.
 * @throws FerrowError E_CONSTRAINT
 */
export function refuseForRows({ leavesOut, table }: TableLoad, reason: string, state: string): void {
  if (!leavesOut || table.partitioning || !ROW_STATES.test(state)) return;
  throw new FerrowError('E_CONSTRAINT', `table "${table.name}": ${reason}`, {
    dialect: 'postgres',
    table: table.name,
  });
}
