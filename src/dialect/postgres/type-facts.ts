// What the catalog knows of a column's type, in the form the type map reads. Pure.
import type { ColumnSchema } from '../../types/schema.ts';

export interface TypeFacts {
  /** Name in pg_type, of the base type where the column has a domain: `int4`, `varchar`, `_text`. */
  readonly type: string;
  readonly builtIn: boolean;
  /** pg_type.typtype: b base, e enum, c composite, r range, m multirange. */
  readonly kind: string;
  readonly category: string;
  readonly typmod: number;
  /** DDL name of the base type where the column has a domain. */
  readonly domainOver: string | null;
  /** Name in pg_type of an array's element. */
  readonly element: string | null;
  readonly sqlAscii: boolean;
  readonly moneyScale: number | null;
  /** How many dimensions all arrays of the column had where it came from; 1 unless said. */
  readonly dimensions: number;
  /** The form in which another engine has it, where that isn't the usual one. */
  readonly carriedAs: 'text' | 'json' | null;
}

export function typeFacts(column: ColumnSchema): TypeFacts {
  // Without the catalog's facts, or with those of another engine, the spelling has to do.
  const facts: Readonly<Record<string, unknown>> =
    column.typeFacts?.['type'] === undefined
      ? { ...column.typeFacts, ...spelledFacts(column.nativeType) }
      : column.typeFacts;
  const carriedAs = facts['carriedAs'];
  return {
    type: String(facts['type'] ?? ''),
    builtIn: facts['builtIn'] === true,
    kind: String(facts['typeKind'] ?? 'b'),
    category: String(facts['category'] ?? ''),
    typmod: Number(facts['typmod'] ?? -1),
    domainOver: typeof facts['domainOver'] === 'string' ? facts['domainOver'] : null,
    element: typeof facts['elementType'] === 'string' ? facts['elementType'] : null,
    sqlAscii: facts['sqlAscii'] === true,
    moneyScale: typeof facts['moneyScale'] === 'number' ? facts['moneyScale'] : null,
    dimensions: Math.min(6, Math.max(1, Number(facts['dimensions'] ?? 1) || 1)),
    carriedAs: carriedAs === 'text' || carriedAs === 'json' ? carriedAs : null,
  };
}

/** Types as DDL spells them -> the server's names. */
const SPELLED: Readonly<Record<string, string>> = {
  boolean: 'bool',
  smallint: 'int2',
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  decimal: 'numeric',
  'character varying': 'varchar',
  character: 'bpchar',
  '"char"': 'char',
  'bit varying': 'varbit',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
};

/** Facts of a column that is planned and that no server has seen yet, from the spelling of its type. */
export function spelledFacts(nativeType: string): Record<string, string | number | boolean> {
  const trimmed = nativeType.trim();
  const array = /^(.*?)((?:\[\d*\])+)$/s.exec(trimmed);
  if (array) {
    const element = spelledFacts(array[1]);
    if (element['builtIn'] !== true) return { type: '' };
    const typmod = element['typmod'];
    return {
      type: `_${element['type']}`,
      builtIn: true,
      category: 'A',
      elementType: element['type'],
      ...(typmod === undefined ? {} : { typmod }),
    };
  }
  const interval = /^interval(?: ([a-z ]+?))?(?:\((\d)\))?$/i.exec(trimmed);
  if (interval) {
    const free = interval[1] === undefined && (interval[2] === undefined || interval[2] === '6');
    // Any typmod says that it is restricted; which way, the server knows.
    return { type: 'interval', builtIn: true, ...(free ? {} : { typmod: 0 }) };
  }
  const found = /^("char"|[a-z][a-z0-9_ ]*?)(?:\((\d+)(?:,\s*(-?\d+))?\))?( with(?:out)? time zone)?$/i.exec(
    trimmed,
  );
  if (!found) return { type: '' };
  const [, word, first, second, zone] = found;
  const name = `${word}${zone ?? ''}`.toLowerCase();
  const type = SPELLED[name] ?? name;
  if (first === undefined) {
    // A bare bit is bit(1), a bare character is character(1).
    if (type === 'bit') return { type, builtIn: true, typmod: 1 };
    if (name === 'character') return { type, builtIn: true, typmod: 5 };
    return { type, builtIn: true };
  }
  const given = Number(first);
  if (type === 'numeric') {
    const typmod = ((given << 16) | (Number(second ?? 0) & 0x7ff)) + 4;
    return { type, builtIn: true, typmod };
  }
  const plain = type.startsWith('time') || type === 'bit' || type === 'varbit';
  return { type, builtIn: true, typmod: plain ? given : given + 4 };
}

/** Precision and scale of a numeric's typmod (scale may be negative), or null where it has none. */
export function numericShape(typmod: number): { precision: number; scale: number } | null {
  if (typmod < 4) return null;
  return { precision: ((typmod - 4) >> 16) & 0xffff, scale: (((typmod - 4) & 0x7ff) ^ 1024) - 1024 };
}

/** n of varchar(n) and char(n), or null. */
export function charCount(typmod: number): number | null {
  return typmod < 4 ? null : typmod - 4;
}

/** Fraction digits of time(p) and timestamp(p); 6 where none are given. */
export function fractionDigits(typmod: number): number {
  return typmod < 0 ? 6 : typmod;
}

/** An interval that keeps only some fields or digits: all of them and six digits are the same as no typmod. */
export function isRestrictedInterval(typmod: number): boolean {
  if (typmod < 0) return false;
  const digits = typmod & 0xffff;
  return typmod >> 16 !== 0x7fff || (digits !== 0xffff && digits < 6);
}
