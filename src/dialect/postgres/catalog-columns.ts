// Columns from the catalog's rows. Pure.
import type { ColumnSchema, DefaultValue, Identity, SequenceOptions, TableName } from '../../types/schema.ts';
import type { ColumnRow } from './catalog-rows.ts';
import type { SequenceState } from './catalog-sequences.ts';
import { type TypeCatalog, typeParts } from './catalog-types.ts';
import { parseDefault } from './defaults.ts';
import { fittingName } from './names.ts';

export type Sequences = ReadonlyMap<string, SequenceState>;

export function columnSchema(
  column: ColumnRow,
  table: TableName,
  sequences: Sequences,
  types: TypeCatalog,
): ColumnSchema {
  const { tree, needs } = typeParts(types, column);
  const value = columnDefault(column, sequences);
  const identity = identityOf(column, value, table, sequences);
  return {
    name: column.name,
    nativeType: column.native_type,
    typeFacts: {
      type: column.type,
      builtIn: column.type_schema === 'pg_catalog',
      typeKind: column.type_kind,
      category: column.category,
      typmod: column.typmod,
      /** The base type's DDL name where the column's type is a domain. */
      domainOver: column.base_type,
      elementType: column.element,
      sqlAscii: column.sql_ascii,
      moneyScale: column.money_scale,
      ...(tree === undefined ? {} : { tree }),
    },
    ...(needs === undefined ? {} : { needs }),
    nullable: !column.not_null,
    default: identity ? null : value,
    identity,
    generated:
      column.generated === ''
        ? null
        : { expression: column.default_sql ?? '', stored: column.generated === 's' },
    collation: column.collation,
    comment: column.comment,
  };
}

/** Null for a generated column. */
export function columnDefault(column: ColumnRow, sequences: Sequences): DefaultValue | null {
  if (column.default_sql === null || column.generated !== '') return null;
  const value = parseDefault(column.default_sql, column.type);
  if (value.kind !== 'sequence') return value;
  const state = sequences.get(value.sequence);
  if (!state) return value;
  const { next, options, nativeType, schema, name } = state;
  return {
    ...value,
    ...(next === null ? {} : { next }),
    options: {
      ...options,
      ...(nativeType === 'bigint' ? {} : { nativeType }),
      name: { schema, name },
      ...(ownsSequence(column, value) ? { owned: true } : {}),
    },
  };
}

const INTEGER = /^(smallint|integer|bigint)$/;

function ownsSequence(column: ColumnRow, value: DefaultValue | null): boolean {
  return value?.kind === 'sequence' && column.owns_sequence && value.sequence === column.sequence;
}

function identityOf(
  column: ColumnRow,
  value: DefaultValue | null,
  table: TableName,
  sequences: Sequences,
): Identity | null {
  const kind = column.identity === 'a' ? 'always' : column.identity === 'd' ? 'by-default' : null;
  // A sequence that the column does not own is shared or hand-made; a serial is an integer and never NULL.
  const isSerial = column.not_null && INTEGER.test(column.native_type) && ownsSequence(column, value);
  if (kind === null && !isSerial) return null;
  const state = column.sequence === null ? undefined : sequences.get(column.sequence);
  if (!state) return { kind: kind ?? 'serial' };
  const { next, schema, name } = state;
  const madeUp = schema === table.schema && name === fittingName(`${table.name}_${column.name}_seq`);
  const options: SequenceOptions = {
    ...state.options,
    ...(state.nativeType === column.native_type ? {} : { nativeType: state.nativeType }),
    ...(madeUp ? {} : { name: { schema, name } }),
  };
  return {
    kind: kind ?? 'serial',
    ...(next === null ? {} : { next }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}
