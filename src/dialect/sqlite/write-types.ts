// What an existing SQLite column takes, and one that is made again on the way home. Pure.
import type { LogicalType, TemporalFormat } from '../../types/logical-type.ts';
import type { Check, WriteType } from '../../types/mapping.ts';
import type { ColumnSchema } from '../../types/schema.ts';
import { affinityOf, parseDeclared } from './affinity.ts';
import {
  ANY,
  BINARY,
  BOOLEAN_NAMES,
  DECIMAL_TEXT_NAMES,
  FLOAT64,
  FORM_NAMES,
  FORMAT,
  FORMAT_UTC,
  INT64,
  JSON_NAMES,
  TEMPORAL_NAMES,
  TEXT,
  UUID_NAMES,
  VALUE_BYTES_MAX,
} from './declared-names.ts';
import { guaranteedClass } from './storage-classes.ts';

export const SIZE: readonly Check[] = [{ kind: 'maxBytes', bytes: VALUE_BYTES_MAX }];
export const FLOAT: readonly Check[] = [{ kind: 'noNan' }, { kind: 'negativeZero' }];
export const NUMERIC: LogicalType = { kind: 'numeric' };

const WIRES: Readonly<Record<string, WriteType>> = {
  integer: { wire: INT64, checks: [] },
  real: { wire: FLOAT64, checks: FLOAT },
  text: { wire: TEXT, checks: SIZE },
  blob: { wire: BINARY, checks: SIZE },
  any: { wire: ANY, checks: [] },
};

/** `originFacts` of readType stand among the typeFacts of a column that comes home. */
export function writeType(column: ColumnSchema): WriteType {
  const { storage } = column.typeFacts ?? {};
  const format = formatOf(column);
  if (typeof storage === 'string' && Object.hasOwn(WIRES, storage)) {
    return storage === 'text' && format ? { wire: { kind: 'text', format }, checks: SIZE } : WIRES[storage];
  }
  const sure = guaranteedClass(column);
  if (sure !== null) return WIRES[sure];
  const { name } = parseDeclared(column.nativeType);
  if (column.typeFacts?.['strict'] === true) return WIRES['any'];
  if (BOOLEAN_NAMES.has(name)) return { wire: { kind: 'bool' }, checks: [] };
  if (Object.hasOwn(TEMPORAL_NAMES, name)) {
    const type = TEMPORAL_NAMES[name];
    const usual = type.kind === 'timestamp' && type.zone ? FORMAT_UTC : FORMAT;
    return { wire: { kind: 'text', format: format ?? usual }, checks: SIZE };
  }
  if (UUID_NAMES.has(name) || Object.hasOwn(FORM_NAMES, name)) return { wire: TEXT, checks: SIZE };
  if (JSON_NAMES.has(name)) return { wire: { kind: 'json' }, checks: SIZE };
  if (DECIMAL_TEXT_NAMES.has(name)) return { wire: NUMERIC, checks: [] };
  switch (affinityOf(column.nativeType)) {
    case 'integer':
      return WIRES['integer'];
    case 'text':
      return WIRES['text'];
    case 'blob':
      return name === '' ? WIRES['any'] : WIRES['blob'];
    default:
      return WIRES['real'];
  }
}

/** How the dates of a column that comes home were written. */
function formatOf({ typeFacts }: ColumnSchema): TemporalFormat | null {
  const format = typeFacts?.['format'];
  if (typeof format !== 'object' || format === null || Array.isArray(format)) return null;
  const { separator, fractionDigits, zone } = format as Record<string, unknown>;
  if ((separator !== ' ' && separator !== 'T') || typeof zone !== 'string') return null;
  if (fractionDigits !== 'shortest' && typeof fractionDigits !== 'number') return null;
  return { separator, fractionDigits, zone };
}
