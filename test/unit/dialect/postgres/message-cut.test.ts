import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCopy } from '../../../../src/dialect/postgres/codec/copy-encode.ts';
import { MessageCutter } from '../../../../src/dialect/postgres/codec/message-cut.ts';
import { COPY_HEADER, COPY_TRAILER, RowCutter } from '../../../../src/dialect/postgres/codec/row-cut.ts';
import { FerrowError } from '../../../../src/errors/ferrow-error.ts';
import { randomBatch, seeded } from './random.ts';

const ROWS = 300;
const batch = randomBatch(5, ROWS);
const columnCount = batch.fields.length;
const rows = encodeCopy(batch);
const UNLIMITED = { batchRows: 1e6, batchBytes: 1 << 30 };

function message(code: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(code, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Each row alone. */
function rowsOf(bytes: Uint8Array): Uint8Array[] {
  const cutter = new RowCutter(columnCount, false);
  const single: Uint8Array[] = [];
  let rest = bytes;
  while (rest.length > 0 && cutter.walk(rest, rest.length, 1, 1)) {
    single.push(rest.subarray(0, cutter.cut));
    rest = rest.subarray(cutter.cut);
    cutter.taken();
  }
  return single;
}

const single = rowsOf(rows);
/** What a server sends: the header with the first row, then a message a row, the trailer, the end, and what follows. */
const opening = message('H', Buffer.from([1, 0, 0]));
const closing = Buffer.concat([message('C', Buffer.from('COPY 300\0')), message('Z', Buffer.from('I'))]);
const sent = Buffer.concat([
  opening,
  message('d', COPY_HEADER, single[0]),
  ...single.slice(1).map((row) => message('d', row)),
  message('d', COPY_TRAILER),
  message('c'),
  closing,
]);

function cutAll(pieces: Iterable<Uint8Array>, limits = UNLIMITED) {
  const passed: Uint8Array[] = [];
  const behind: Uint8Array[] = [];
  const cutter = new MessageCutter(columnCount, limits, (bytes) => passed.push(Uint8Array.from(bytes)));
  for (const piece of pieces) {
    // The bytes are lent: they mean something else afterwards.
    const lent = Uint8Array.from(piece);
    const taken = cutter.over ? 0 : cutter.take(lent);
    behind.push(piece.subarray(taken));
    lent.fill(0xee);
  }
  return { cutter, passed: Buffer.concat(passed), behind: Buffer.concat(behind) };
}

function assertAll({ cutter, passed, behind }: ReturnType<typeof cutAll>, what: string): void {
  const chunks = cutter.ready.map((chunk) => chunk.bytes);
  assert.equal(Buffer.compare(Buffer.concat(chunks), Buffer.from(rows)), 0, what);
  assert.equal(cutter.rowCount, ROWS, what);
  assert.equal(cutter.whole, true, what);
  assert.equal(cutter.over, true, what);
  assert.deepEqual(passed, Buffer.concat([opening, message('c').subarray(0, 5)]), what);
  assert.deepEqual(behind, closing, what);
}

test('cut at every byte of its beginning, its middle and its end, the rows are the same', () => {
  for (let at = 0; at <= sent.length; at++) {
    if (at === 4000) at = Math.max(at, sent.length - 2000);
    assertAll(cutAll([sent.subarray(0, at), sent.subarray(at)]), `cut at ${at}`);
  }
});

test('pieces of all sizes, chunks of few rows or few bytes', () => {
  for (const size of [1, 3, 5, 64, 1000, 10_000]) {
    const pieces = () =>
      Array.from({ length: Math.ceil(sent.length / size) }, (_, at) =>
        sent.subarray(at * size, (at + 1) * size),
      );
    const byRows = cutAll(pieces(), { batchRows: 7, batchBytes: 1 << 30 });
    assertAll(byRows, `pieces of ${size}`);
    assert.ok(byRows.cutter.ready.slice(0, -1).every((chunk) => chunk.rowCount === 7));
    const byBytes = cutAll(pieces(), { batchRows: 1000, batchBytes: 1 });
    assertAll(byBytes, `pieces of ${size}`);
    assert.equal(byBytes.cutter.ready.length, ROWS);
  }
});

test('messages that are no rows are walked by their fields', () => {
  const stream = Buffer.concat([COPY_HEADER, rows, COPY_TRAILER]);
  for (const size of [1, 11, 19, 20, 700, stream.length]) {
    const messages = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
      message('d', stream.subarray(at * size, (at + 1) * size)),
    );
    const bytes = Buffer.concat([opening, ...messages, message('c'), closing]);
    for (const limits of [UNLIMITED, { batchRows: 7, batchBytes: 1 << 30 }])
      assertAll(
        cutAll([bytes.subarray(0, 999), bytes.subarray(999, 5000), bytes.subarray(5000)], limits),
        `${size}`,
      );
  }
  // Rows at first, then two in one message.
  const mixed = Buffer.concat([
    opening,
    message('d', COPY_HEADER, single[0]),
    ...single.slice(1, 20).map((row) => message('d', row)),
    message('d', ...single.slice(20, 22)),
    ...single.slice(22).map((row) => message('d', row)),
    message('d', COPY_TRAILER),
    message('c'),
    closing,
  ]);
  assertAll(cutAll([mixed], { batchRows: 7, batchBytes: 1 << 30 }), 'mixed');
});

test('a table without rows', () => {
  const bytes = Buffer.concat([message('d', COPY_HEADER, COPY_TRAILER), message('c')]);
  for (const pieces of [[bytes], Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))]) {
    const { cutter } = cutAll(pieces);
    assert.deepEqual([cutter.whole, cutter.ready.length, cutter.rowCount], [true, 0, 0]);
  }
  const apart = cutAll([message('d', COPY_HEADER), message('d', COPY_TRAILER), message('c')]);
  assert.deepEqual([apart.cutter.whole, apart.cutter.ready.length], [true, 0]);
});

test('other messages go to the driver, wherever they stand', () => {
  const notice = message('N', Buffer.from('SNOTICE\0\0'));
  const at = sent.indexOf(message('d', single[200]));
  const bytes = Buffer.concat([sent.subarray(0, at), notice, sent.subarray(at)]);
  for (const cut of [0, at + 2, at + 9, at + notice.length]) {
    const { cutter, passed } = cutAll([bytes.subarray(0, cut), bytes.subarray(cut)]);
    assert.equal(cutter.rowCount, ROWS);
    assert.deepEqual(passed, Buffer.concat([opening, notice, message('c')]));
  }
  const fault = message('E', Buffer.from('SERROR\0C57014\0\0'));
  const stopped = cutAll([Buffer.concat([sent.subarray(0, at), fault, message('Z', Buffer.from('I'))])]);
  assert.equal(stopped.cutter.over, true);
  assert.equal(stopped.cutter.whole, false);
  assert.deepEqual(stopped.passed, Buffer.concat([opening, fault]));
  assert.deepEqual(stopped.behind, message('Z', Buffer.from('I')));
});

test('rows behind the trailer, rows of other columns and bent messages are refused', () => {
  const trailer = sent.length - closing.length - message('c').length;
  const behind = Buffer.concat([sent.subarray(0, trailer), message('d', single[0])]);
  assert.throws(() => cutAll([behind]), /behind the trailer/);
  const late = sent.indexOf(message('d', single[200]));
  const other = single[200].slice();
  other[1]++;
  const foreign = Buffer.concat([sent.subarray(0, late), message('d', other)]);
  assert.throws(() => cutAll([foreign]), /no row of/);
  const random = seeded(3);
  for (let round = 0; round < 400; round++) {
    const bent = Buffer.from(sent);
    bent[Math.floor(random() * bent.length)] ^= 1 << Math.floor(random() * 8);
    try {
      cutAll([bent]);
    } catch (error) {
      assert.ok(error instanceof FerrowError);
    }
  }
});
