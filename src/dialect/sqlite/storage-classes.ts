// Which storage classes a column's values have: by what SQLite enforces, or by what the prescan saw. Pure.
import type { ColumnEvidence } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { ANY, BINARY, FLOAT64, INT64, TEXT } from './declared-names.ts';

export type Class = 'integer' | 'real' | 'text' | 'blob';

/** The storage classes of the column's values; of all that it could hold, where nobody looked. */
export function classesOf(
  column: ColumnSchema,
  evidence: ColumnEvidence | null,
  /** Empty texts are no values. */
  emptyIsNull: boolean,
): Class[] {
  const all: readonly Class[] = ['integer', 'real', 'text', 'blob'];
  const { storage, text } = evidence ?? {};
  const empty = emptyIsNull ? (text?.emptyCount ?? 0) : 0;
  if (storage) return all.filter((name) => storage[name] > (name === 'text' ? empty : 0));
  const sure = guaranteedClass(column);
  return sure === null ? [...all] : [sure];
}

/** The class that SQLite enforces: of the rowid, and in STRICT tables. */
export function guaranteedClass(column: ColumnSchema): Class | null {
  if (column.typeFacts?.['rowidAlias'] === true) return 'integer';
  if (column.typeFacts?.['strict'] !== true) return null;
  const classes: Readonly<Record<string, Class>> = {
    INT: 'integer',
    INTEGER: 'integer',
    REAL: 'real',
    TEXT: 'text',
    BLOB: 'blob',
  };
  return classes[column.nativeType.toUpperCase()] ?? null;
}

/** The wire that carries every value untouched. */
export function storageType(classes: readonly Class[]): LogicalType {
  if (classes.length !== 1) return classes.length === 0 ? TEXT : ANY;
  return { integer: INT64, real: FLOAT64, text: TEXT, blob: BINARY }[classes[0]];
}

/** The storage class that values of a wire type are in SQLite. */
export function storageOf(wire: LogicalType): Class | 'any' {
  switch (wire.kind) {
    case 'bool':
    case 'int':
      return 'integer';
    case 'float':
    case 'decimal':
      return 'real';
    case 'timestamp':
      return wire.unit === 'us' ? 'real' : 'integer';
    case 'binary':
      return 'blob';
    case 'any':
      return 'any';
    default:
      return 'text';
  }
}

/** The evidence in words, for the plan. */
export function explain(
  column: ColumnSchema,
  evidence: ColumnEvidence | null,
  classes: readonly Class[],
): string {
  const { storage } = evidence ?? {};
  if (!storage) {
    return guaranteedClass(column) === null ? 'not looked into' : `SQLite lets nothing but ${classes[0]}s in`;
  }
  if (classes.length === 0) return evidence?.rowCount === 0 ? 'no rows' : 'all NULL';
  return classes.map((name) => counted(storage[name], name)).join(', ');
}

/** `1 text`, `3 texts`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
