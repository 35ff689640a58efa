// What a column of PostgreSQL takes, that stands or that comes home; and by which type its rows are staged, where its own
// would not take them or would change them in silence. Pure.
import type { LogicalType } from '../../types/logical-type.ts';
import { sameType } from '../../types/logical-type.ts';
import type { Check, Refusal, WriteType } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { typeFacts } from './type-facts.ts';
import { type Shape, shapeOf, storageWire } from './type-shapes.ts';
import { baseNode, type TypeNode, typeNode } from './type-tree.ts';
import {
  DATE_RANGE,
  NAME_BYTES_MAX,
  NO_NUL,
  TIME_RANGE,
  TIMESTAMP_RANGE,
  TIMESTAMP_RANGE_MS,
  TIMESTAMP_RANGE_S,
} from './value-checks.ts';

/** `coming` is what the rows are that it shall take, where that is known: an array takes any number of dimensions. */
export function write(column: ColumnSchema, coming?: LogicalType): WriteType | Refusal {
  if (column.generated)
    return {
      refused: 'E_TYPE_MISMATCH',
      reason: `the target computes "${column.name}" itself; leave it out with --columns`,
    };
  const node = typeNode(column);
  // Rows of an equal column of another PostgreSQL pass as they are.
  const own = storageWire(node);
  if (coming?.kind === 'opaque' && own !== null && sameType(own, coming)) return { wire: own, checks: [] };
  // Only its text is exact elsewhere, and that is what comes.
  if (own === null && coming?.kind === 'text') return TEXT;
  const facts = typeFacts(column);
  const isArray = baseNode(node).kind === 'array';
  if (isArray && facts.carriedAs === 'json')
    return {
      refused: 'E_TYPE_MISMATCH',
      reason: `JSON can't become ${column.nativeType}, since arrays inside arrays are no dimensions`,
    };
  if (isArray && facts.carriedAs === 'text') return TEXT;
  const shape = targetShape(node);
  const wire = isArray ? withDimensions(shape.wire, Math.max(facts.dimensions, depth(coming))) : shape.wire;
  return { wire, checks: writeChecks(node, wire, shape) };
}

const TEXT: WriteType = { wire: { kind: 'text' }, checks: [NO_NUL] };

/** A type that Ferrow knows nothing of takes its text. A column takes whole units where the server would round. */
function targetShape(node: TypeNode): Shape {
  const base = baseNode(node);
  if (base.builtIn && base.name === 'char') return { wire: { kind: 'text' }, via: 'text', readCast: true };
  return shapeOf(node, true) ?? { wire: { kind: 'text' }, via: 'text', readCast: true };
}

function depth(coming: LogicalType | undefined): number {
  let deep = 0;
  for (let each = coming; each?.kind === 'list'; each = each.element) deep++;
  return deep;
}

function withDimensions(wire: LogicalType, dimensions: number): LogicalType {
  let list = wire;
  for (let more = 1; more < Math.min(6, dimensions); more++) list = { kind: 'list', element: list };
  return list;
}

function writeChecks(node: TypeNode, wire: LogicalType, shape: Shape): Check[] {
  const base = baseNode(node);
  if (base.kind === 'array' && wire.kind === 'list') {
    if (base.inner === null) return [NO_NUL];
    let leaf: LogicalType = wire;
    while (leaf.kind === 'list') leaf = leaf.element;
    // Checks concern every value inside; those of the elements are all there are.
    return writeChecks(base.inner, leaf, shape);
  }
  if (base.kind === 'composite' && wire.kind === 'struct')
    return base.fields.flatMap((field, child) =>
      writeChecks(field.type, wire.fields[child].type, shape).map(
        (check): Check => ({ kind: 'child', child, check }),
      ),
    );
  return scalarChecks(base.name, wire);
}

function scalarChecks(type: string, wire: LogicalType): Check[] {
  switch (wire.kind) {
    case 'text':
      if (type === 'name') return [NO_NUL, { kind: 'maxBytes', bytes: NAME_BYTES_MAX }];
      return wire.maxChars === undefined ? [NO_NUL] : [NO_NUL, { kind: 'maxChars', chars: wire.maxChars }];
    case 'json':
    case 'map':
      return [NO_NUL];
    case 'date':
      return [DATE_RANGE];
    case 'time':
      return [TIME_RANGE];
    case 'timestamp':
      if (wire.unit === 'us') return [TIMESTAMP_RANGE];
      return [wire.unit === 'ms' ? TIMESTAMP_RANGE_MS : TIMESTAMP_RANGE_S];
    case 'bit':
      return wire.length === undefined ? [] : [{ kind: 'bitLength', bits: wire.length }];
    default:
      return [];
  }
}

/**
 * The type a staging column has, and null where that is the column's own. `wire` is what the rows bring. A column without
 * facts was made by `create` for just this wire.
 */
export function stagedAs(column: ColumnSchema, wire: LogicalType): string | null {
  if (wire.kind === 'opaque' || column.typeFacts === undefined) return null;
  const node = typeNode(column);
  if (wire.kind === 'text' && baseNode(node).kind === 'array') return 'text';
  const shape = targetShape(node);
  return shape.via !== null && leafKind(wire) === leafKind(shape.wire) ? shape.via : null;
}

function leafKind(type: LogicalType): LogicalType['kind'] {
  return type.kind === 'list' ? leafKind(type.element) : type.kind;
}
