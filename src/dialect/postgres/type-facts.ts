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
  readonly elementBuiltIn: boolean;
  readonly sqlAscii: boolean;
  readonly moneyScale: number | null;
}

export function typeFacts(column: ColumnSchema): TypeFacts {
  // Without the catalog's facts, or with those of another engine, the spelling has to do.
  const facts: Readonly<Record<string, unknown>> =
    column.typeFacts?.['type'] === undefined ? { ...spelledFacts(column.nativeType) } : column.typeFacts;
  return {
    type: String(facts['type'] ?? ''),
    builtIn: facts['builtIn'] === true,
    kind: String(facts['typeKind'] ?? 'b'),
    category: String(facts['category'] ?? ''),
    typmod: Number(facts['typmod'] ?? -1),
    domainOver: typeof facts['domainOver'] === 'string' ? facts['domainOver'] : null,
    elementBuiltIn: facts['elementBuiltIn'] === true,
    sqlAscii: facts['sqlAscii'] === true,
    moneyScale: typeof facts['moneyScale'] === 'number' ? facts['moneyScale'] : null,
  };
}

/** Types as this dialect's own DDL spells them -> the server's names. */
const SPELLED: Readonly<Record<string, string>> = {
  boolean: 'bool',
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  'character varying': 'varchar',
  character: 'bpchar',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time without time zone': 'time',
};

/** Facts of a column that is planned and that no server has seen yet, from the spelling of its type. */
export function spelledFacts(nativeType: string): Partial<TypeFacts> & { type: string } {
  const found = /^([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?$/i.exec(nativeType.trim());
  if (!found) return { type: '' };
  const [, word, first, second, zone] = found;
  const name = `${word}${zone ?? ''}`.toLowerCase();
  const type = SPELLED[name] ?? name;
  if (first === undefined) return { type, builtIn: true };
  const given = Number(first);
  if (type === 'numeric') {
    const typmod = ((given << 16) | (Number(second ?? 0) & 0x7ff)) + 4;
    return { type, builtIn: true, typmod };
  }
  const isTime = type.startsWith('time');
  return { type, builtIn: true, typmod: isTime ? given : given + 4 };
}

/** The type's own name in DDL, without any domain. */
export function ddlType(column: ColumnSchema): string {
  return typeFacts(column).domainOver ?? column.nativeType;
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
