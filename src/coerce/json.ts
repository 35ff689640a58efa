// Text that must be JSON, and JSON that must be what PostgreSQL's jsonb takes. The text stays verbatim. Pure.
import { type Column, withType } from '../batch/column.ts';
import type { LogicalType } from '../types/logical-type.ts';
import { checkUtf8 } from './check-text.ts';
import { JsonScan } from './json-scan.ts';
import type { Kernel, LossSink } from './kernel.ts';
import { Rejects } from './rejects.ts';
import { keepWhere } from './variable.ts';

/** Refuses values that aren't JSON (for jsonb: that it can't hold); E_INVALID_JSON. */
export function checkJson(column: Column, sink: LossSink, jsonb: boolean): Column {
  const scan = new JsonScan(jsonb);
  const rejects = new Rejects(column, sink);
  let fault: string | null = null;
  const ok = (heap: Uint8Array, start: number, end: number) => {
    fault = scan.scan(heap, start, end);
    return fault === null;
  };
  return keepWhere(column, rejects, ok, (row) =>
    rejects.refuse(row, 'E_INVALID_JSON', `the text is not valid JSON: ${fault}`),
  );
}

/** Text, or json to json of another kind, checked and kept as it is. */
export function toJson(to: Extract<LogicalType, { kind: 'json' }>): Kernel {
  return (column, sink) => {
    const valid = checkUtf8(column, sink, {});
    return withType(checkJson(valid, sink, to.binary === true), to);
  };
}
