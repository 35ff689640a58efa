// How kernel tests run a conversion: texts in, texts and reports out.
import { type Column, checkColumn, withType } from '../../../src/batch/column.ts';
import type { LossSink } from '../../../src/coerce/kernel.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import type { Policies } from '../../../src/types/policy.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';

export interface Outcome {
  readonly texts: (string | null)[];
  /** `row code` of each refusal. */
  readonly refused: string[];
  readonly values: string[];
  readonly used: Record<string, number>;
  readonly column: Column;
}

/** Collects what kernels report. */
export function collector(): {
  sink: LossSink;
  refused: string[];
  values: string[];
  used: Record<string, number>;
} {
  const refused: string[] = [];
  const values: string[] = [];
  const used: Record<string, number> = {};
  const sink: LossSink = {
    refuse: (row, code, value) => {
      refused.push(`${row} ${code}`);
      values.push(value);
    },
    used: (what, count) => {
      used[what] = (used[what] ?? 0) + count;
    },
  };
  return { sink, refused, values, used };
}

/** Runs a column through the conversion to `to`; the input's buffers must come out unchanged. */
export function convertColumn(column: Column, to: LogicalType, policies: Policies = {}): Outcome {
  const conversion = findConversion(column.type, to, policies);
  if (conversion === null) throw new Error(`no way from ${column.type.kind} to ${to.kind}`);
  const { sink, refused, values, used } = collector();
  const before = JSON.stringify([...column.data]);
  const kernel = conversion.make();
  const result = withType(kernel === null ? column : kernel(column, sink), to);
  if (JSON.stringify([...column.data]) !== before) throw new Error('the kernel changed its input');
  checkColumn(result, 'test');
  if (conversion.class !== 'checked' && refused.length > 0)
    throw new Error(`refused though ${conversion.class}`);
  for (const entry of refused) {
    const code = entry.split(' ')[1];
    if (!(conversion.codes as readonly string[]).includes(code)) throw new Error(`${code} was not announced`);
  }
  return { texts: textsOf(result), refused, values, used, column: result };
}

/** The same from texts of a type. */
export function convert(
  from: LogicalType,
  to: LogicalType,
  texts: readonly (string | null)[],
  policies: Policies = {},
): Outcome {
  return convertColumn(columnOf(from, texts), to, policies);
}

export const int = (bits: 8 | 16 | 32 | 64 | 128, signed = true): LogicalType => ({
  kind: 'int',
  bits,
  signed,
});
export const float = (bits: 32 | 64): LogicalType => ({ kind: 'float', bits });
export const decimal = (precision: number, scale: number): LogicalType => ({
  kind: 'decimal',
  precision,
  scale,
});
export const TEXT: LogicalType = { kind: 'text' };
export const NUMERIC: LogicalType = { kind: 'numeric' };
export const BOOL: LogicalType = { kind: 'bool' };
export const DATE: LogicalType = { kind: 'date' };
export const UUID: LogicalType = { kind: 'uuid' };
export const JSON_TYPE: LogicalType = { kind: 'json' };
export const JSONB: LogicalType = { kind: 'json', binary: true };
export const BINARY: LogicalType = { kind: 'binary' };
export const ANY: LogicalType = { kind: 'any' };
export const time = (unit: 'us' | 'ns'): LogicalType => ({ kind: 'time', unit });
export const timestamp = (unit: 's' | 'ms' | 'us' | 'ns', zone = false): LogicalType => ({
  kind: 'timestamp',
  unit,
  zone,
});
