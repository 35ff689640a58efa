// Each codec alone, on one thread: nanoseconds a row and megabytes a second, encoding and decoding a batch in
// the shape of lineitem. node bench/micro/codecs.ts
import type { Batch, Field } from '../../src/batch/batch.ts';
import { payloadBytes } from '../../src/batch/chunk.ts';
import { type Column, columnBytes, fixedColumn, variableColumn } from '../../src/batch/column.ts';
import { CODECS } from '../../src/dialect/codecs.ts';
import { fixedWidth, type LogicalType } from '../../src/types/logical-type.ts';
import { printTable } from '../report/text-table.ts';

const ROWS = 20_000;
const WARM_RUNS = 10;
const RUNS = 40;

const INT64: LogicalType = { kind: 'int', bits: 64, signed: true };
const INT32: LogicalType = { kind: 'int', bits: 32, signed: true };
const MONEY: LogicalType = { kind: 'decimal', precision: 15, scale: 2 };
const TEXT: LogicalType = { kind: 'text' };
const DATE: LogicalType = { kind: 'date' };

/** Type of each column; for text, the length of its values. */
const COLUMNS: readonly (readonly [string, LogicalType, number])[] = [
  ['l_orderkey', INT64, 6_000_000],
  ['l_partkey', INT64, 200_000],
  ['l_suppkey', INT64, 10_000],
  ['l_linenumber', INT32, 7],
  ['l_quantity', MONEY, 5000],
  ['l_extendedprice', MONEY, 10_494_950],
  ['l_discount', MONEY, 11],
  ['l_tax', MONEY, 9],
  ['l_returnflag', TEXT, 1],
  ['l_linestatus', TEXT, 1],
  ['l_shipdate', DATE, 2526],
  ['l_commitdate', DATE, 2526],
  ['l_receiptdate', DATE, 2526],
  ['l_shipinstruct', TEXT, 12],
  ['l_shipmode', TEXT, 4],
  ['l_comment', TEXT, 27],
];

function lineitemBatch(): Batch {
  const fields: Field[] = COLUMNS.map(([name, type]) => ({ name, type }));
  return { fields, columns: COLUMNS.map(([, type, size]) => column(type, size)), rowCount: ROWS };
}

function column(type: LogicalType, size: number): Column {
  if (type.kind === 'text') {
    const offsets = Int32Array.from({ length: ROWS + 1 }, (_, i) => i * size);
    const heap = new Uint8Array(ROWS * size).map((_, i) => 97 + (i % 26));
    return variableColumn(type, ROWS, offsets, heap, null, 0);
  }
  const width = fixedWidth(type);
  const data = new Uint8Array(ROWS * width);
  const view = new DataView(data.buffer);
  for (let i = 0; i < ROWS; i++) view.setInt32(i * width, (i * 2_654_435) % size, true);
  return fixedColumn(type, ROWS, data, null, 0);
}

/** Seconds of the median run. */
function median(run: () => unknown): number {
  for (let i = 0; i < WARM_RUNS; i++) run();
  const seconds: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now();
    run();
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds.sort((a, b) => a - b)[RUNS / 2];
}

/** Measures every codec and prints a table. */
export function benchCodecs(): void {
  const batch = lineitemBatch();
  const bytes = batch.columns.reduce((sum, one) => sum + columnBytes(one), 0);
  const rows: string[][] = [];
  for (const [name, codec] of Object.entries(CODECS)) {
    const payload = codec.encode(batch);
    const line = (what: string, seconds: number) => [
      `${name} ${what}`,
      ((seconds / ROWS) * 1e9).toFixed(0),
      (ROWS / seconds / 1e6).toFixed(2),
      (bytes / seconds / 1e6).toFixed(0),
      (payloadBytes(payload) / ROWS).toFixed(0),
    ];
    rows.push(
      line(
        'encode',
        median(() => codec.encode(batch)),
      ),
    );
    rows.push(
      line(
        'decode',
        median(() => codec.decode(payload, ROWS, batch.fields)),
      ),
    );
  }
  process.stdout.write(`codecs over ${ROWS} rows of 16 columns, ${(bytes / ROWS).toFixed(0)} bytes a row\n`);
  printTable(['codec', 'ns/row', 'M rows/s', 'MB/s', 'wire bytes/row'], rows);
}

if (import.meta.main) benchCodecs();
