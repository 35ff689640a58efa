// Text that must be a decimal number. Pure.
import { withType } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { DecimalScan, SCAN } from './digits.ts';
import type { Kernel } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { keepWhere } from './variable.ts';

/** Text as numeric, verbatim: decimal text as Ferrow writes it, NaN and infinities; else E_INVALID_NUMBER. */
export function textToNumeric(to: LogicalType): Kernel {
  return (column, sink) => {
    const scan = new DecimalScan();
    const rejects = new Rejects(column, sink);
    const kept = keepWhere(
      column,
      rejects,
      (heap, start, end) => scan.scan(heap, start, end) !== SCAN.invalid,
      (row) => rejects.refuse(row, 'E_INVALID_NUMBER', 'the text is not a decimal number'),
    );
    return withType(kept, to);
  };
}
