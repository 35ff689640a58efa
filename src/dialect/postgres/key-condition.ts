// Keys as conditions in PostgreSQL's SQL. Pure.
//
// A literal is cast to the column's type without its length or precision: a cast to varchar(3) cuts, one to numeric(10,2)
// rounds, and would find rows that are not meant. Domains compare as their base, whose checks don't speak.
import {
  beforeChrist,
  hexDigits,
  integerText,
  type Key,
  type KeyPart,
  keyCondition,
  noLiteral,
} from '../../sql/key-condition.ts';
import { type LogicalType, typeName } from '../../types/logical-type.ts';
import type { ColumnSchema, TableSchema } from '../../types/schema.ts';
import { literal, quote } from './names.ts';
import { baseNode, type TypeNode, typeNode } from './type-tree.ts';

export function postgresKeyCondition(
  table: TableSchema,
  columns: readonly string[],
  types: readonly LogicalType[],
  keys: readonly Key[],
): string {
  return keyCondition(columns, types, keys, {
    quote,
    part: (name, type) => {
      const column = table.columns.find((each) => each.name === name);
      return column ? partOf(column, type) : { column: quote(name), literal: (text) => literal(text) };
    },
    rows: (rows) => `VALUES ${rows.join(', ')}`,
  });
}

const INT64_MAX = 2n ** 63n - 1n;

function partOf(schema: ColumnSchema, type: LogicalType): KeyPart {
  const name = quote(schema.name);
  const node = baseNode(typeNode(schema));
  const cast = (text: string) => `${literal(text)}::${bareType(node)}`;
  // By their text: a label that the type lacks is an error, and json has no equality.
  if (node.kind === 'enum' || node.name === 'json' || type.kind === 'enum')
    return { column: `${name}::text`, literal: (text) => `${literal(text)}::text` };
  switch (type.kind) {
    case 'int':
      return { column: name, literal: integerLiteral };
    case 'binary':
      return { column: name, literal: (text) => `'\\x${hexDigits(text)}'::bytea` };
    case 'bit':
      return { column: name, literal: bitLiteral };
    case 'date':
    case 'timestamp':
      return { column: name, literal: (text) => cast(dated(text)) };
    case 'text':
      return { column: name, literal: cast, ...exactly(schema, node, name) };
    case 'any':
    case 'opaque':
      return { column: name, literal: () => noLiteral(schema.name, typeName(type)) };
    case 'list':
    case 'struct':
    case 'map':
    case 'union':
      return { column: name, literal: () => noLiteral(schema.name, typeName(type)) };
    default:
      return { column: name, literal: cast };
  }
}

/** A collation may take other texts for equal, as citext does. */
function exactly(schema: ColumnSchema, node: TypeNode, name: string): { exact?: string } {
  if (node.name === 'citext') return { exact: `${name}::text COLLATE "C"` };
  const isDomain = typeNode(schema).kind === 'domain';
  return schema.collation !== null || isDomain ? { exact: `${name} COLLATE "C"` } : {};
}

/** `character varying(20)` without its length, `timestamp(3) with time zone` without its precision. */
function bareType(node: TypeNode): string {
  if (node.builtIn && node.name === 'bpchar') return 'bpchar';
  return node.builtIn && node.kind === 'base'
    ? node.native.replace(/\s*\(\s*\d+\s*(?:,\s*-?\d+\s*)?\)/, '')
    : node.native;
}

function integerLiteral(text: string): string {
  const value = BigInt(integerText(text));
  return value > INT64_MAX || value < -INT64_MAX - 1n ? `'${value}'::numeric` : `'${value}'::bigint`;
}

function bitLiteral(text: string): string {
  return `B${literal(text)}`;
}

function dated(text: string): string {
  const found = beforeChrist(text);
  return found ? `${found.date}${found.rest} BC` : text;
}
