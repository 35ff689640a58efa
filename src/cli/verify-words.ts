// What a comparison found, in words that the terminal and the report file share. Pure.
import type { Cells, Difference } from '../transfer/verify-differences.ts';
import type { TableVerification } from '../transfer/verify-report.ts';

/** Why a table is not equal, in a word or two. */
export function verdictOf(table: TableVerification): string {
  if (table.error) return table.error.code;
  if (table.equal) return 'equal';
  if (!table.targetExists) return 'missing in the target';
  if (!table.schemaCompatible) return 'other columns';
  return table.contentMatch === false ? 'other values' : 'other number of rows';
}

/** `changed id=17: note 'a' in the source, 'b' in the target`. */
export function differenceText(difference: Difference): string {
  const { kind, key, column, source, target, row, count } = difference;
  const place = Object.keys(key).length === 0 ? '' : ` ${cellsText(key)}`;
  if (kind === 'changed') {
    if (column === null) return `changed${place}: a value that its type does not hold`;
    return `changed${place}: ${column} is ${valueText(source)} in the source, ${valueText(target)} in the target`;
  }
  const times = count === undefined ? '' : ` ${count} times`;
  const where = kind === 'missing' ? 'missing in the target' : 'only in the target';
  return `${where}${times}${place === '' ? ` ${cellsText(row ?? {})}` : place}`;
}

export function cellsText(cells: Cells): string {
  return Object.entries(cells)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(', ');
}

export function valueText(value: string | null): string {
  return value === null ? 'NULL' : `'${value}'`;
}
