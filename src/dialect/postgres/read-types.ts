// What a column of PostgreSQL holds, in canonical types. Pure. The whole list of types stands in docs/types.md.
import type { ColumnEvidence, Probe } from '../../types/evidence.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { ReadType, Refusal } from '../../types/mapping.ts';
import type { Policies } from '../../types/policy.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import type { MappingContext } from '../dialect.ts';
import { readArray } from './read-arrays.ts';
import { textChecks, withoutDecimals, withoutEnums } from './read-checks.ts';
import { typeFacts } from './type-facts.ts';
import { shapeOf, storageWire } from './type-shapes.ts';
import { baseNode, someNode, type TypeNode, typeNode } from './type-tree.ts';

const TEXT: LogicalType = { kind: 'text' };

/** The last timestamp that 64 bits of microseconds hold from 1970 on. */
const TIMESTAMP_MAX = 9223372036854775806n;

export function probes(column: ColumnSchema, policies: Policies, sameEngine = false): readonly Probe[] {
  // Between servers columns pass as they are, whatever is in them.
  if (sameEngine) return [];
  const node = baseNode(typeNode(column));
  if (node.kind === 'array') return ['array-shape'];
  if (node.kind !== 'base' || !node.builtIn) return [];
  if (node.name === 'numeric') return shapeOf(node)?.wire.kind === 'numeric' ? ['numeric'] : [];
  const isDate = node.name === 'date' || node.name === 'timestamp' || node.name === 'timestamptz';
  return isDate && policies.bad_dates === 'text' ? ['temporal-range'] : [];
}

export function read(
  column: ColumnSchema,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): ReadType | Refusal {
  const node = typeNode(column);
  if (context.sameEngine) return readSame(column, node);
  const because = node.kind === 'domain' ? `a domain over ${baseNode(node).native}` : undefined;
  const type = readOther(column, node, evidence, context);
  if ('refused' in type || because === undefined) return type;
  return { ...type, because: type.because === undefined ? because : `${because}; ${type.because}` };
}

/** A copy to PostgreSQL: the server's own bytes, or text where those mean something only to the server they come from. */
function readSame(column: ColumnSchema, node: TypeNode): ReadType | Refusal {
  const rowType = rowTypeRefusal(column, node);
  if (rowType) return rowType;
  const wire = storageWire(node);
  if (wire) return { wire, logical: wire, checks: [], select: 'native' };
  const because = `${column.nativeType} as its exact text`;
  return { wire: TEXT, logical: TEXT, checks: [], select: 'text', because };
}

/** The row type of a table comes and goes with its table. */
function rowTypeRefusal(column: ColumnSchema, node: TypeNode): Refusal | null {
  if (!someNode(node, (each) => each.ofTable)) return null;
  return {
    refused: 'E_UNSUPPORTED_TYPE',
    reason: `the type ${column.nativeType} is the row type of a table, which can't be made before that table`,
    hint: 'give the column a composite type of its own (CREATE TYPE … AS), or leave it out with --columns',
  };
}

function readOther(
  column: ColumnSchema,
  node: TypeNode,
  evidence: ColumnEvidence | null,
  context: MappingContext,
): ReadType | Refusal {
  const own = shapeOf(node);
  if (own === null) return unknownType(column, node);
  const shape = context.policies.enum === 'text' ? { ...own, wire: withoutEnums(own.wire) } : own;
  const base = baseNode(node);
  const facts = typeFacts(column);
  if (base.kind === 'array') return readArray(column, shape, evidence, context, facts.sqlAscii);
  if (base.builtIn && base.name === 'char') {
    // The byte of "char" is NUL for the empty value; its text is empty then. Old servers print any byte as it is.
    return { wire: TEXT, logical: TEXT, checks: [{ kind: 'utf8' }], select: 'text' };
  }
  const special = specialNumeric(shape.wire, context);
  if (special) return { ...special, select: 'native' };
  if (isBeyond(shape.wire, evidence, context)) {
    const because = 'dates beyond the last that other engines have; --allow bad_dates=text';
    return { wire: TEXT, logical: TEXT, checks: [], select: 'text', because };
  }
  if (!shape.readCast)
    return {
      ...native(shape.wire, facts.sqlAscii),
      ...(shape.wire === own.wire ? {} : { because: '--allow enum=text' }),
    };
  return {
    wire: shape.wire,
    logical: shape.wire,
    checks: [],
    select: shape.via === 'text' || shape.via === null ? 'text' : { cast: shape.via },
    ...(shape.via === 'text' ? { because: `${column.nativeType} as its exact text` } : {}),
  };
}

function native(wire: LogicalType, sqlAscii: boolean): ReadType {
  return { wire, logical: wire, checks: textChecks(wire, sqlAscii), select: 'native' };
}

/**
 * A decimal column may hold NaN, which decimals have no room for: then decoding fails and says so. With a policy for
 * NaN the column is read as numeric, whose kernels tell NaN apart.
 */
function specialNumeric(wire: LogicalType, context: MappingContext): Omit<ReadType, 'select'> | null {
  const { nan } = context.policies;
  const open = nan === undefined ? wire : withoutDecimals(wire);
  if (open === wire) return null;
  return nan === 'text'
    ? { wire: open, logical: open, checks: [] }
    : { wire: open, logical: wire, checks: [{ kind: 'noNan' }] };
}

/** Timestamps after 294247 are more than 64 bits count from 1970. */
function isBeyond(wire: LogicalType, evidence: ColumnEvidence | null, { policies }: MappingContext): boolean {
  if (wire.kind !== 'timestamp' || policies.bad_dates !== 'text' || !evidence?.temporalRange) return false;
  return BigInt(evidence.temporalRange.max) > TIMESTAMP_MAX;
}

function unknownType(column: ColumnSchema, node: TypeNode): Refusal {
  const { extension } = baseNode(node);
  const of = extension === null ? '' : ` of the extension ${extension}`;
  return {
    refused: 'E_UNSUPPORTED_TYPE',
    reason: `nothing is known of the type ${column.nativeType}${of} outside PostgreSQL`,
    hint: 'cast it to text in a view and carry that, or leave the column out with --columns',
  };
}
