// Every edge value of the corpus through every conversion that its type has, against a plain model; and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkColumn, withType } from '../../../src/batch/column.ts';
import { findConversion } from '../../../src/coerce/rules.ts';
import { isVariableWidth, type LogicalType, typeName } from '../../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../../corpus/columns.ts';
import { EDGE_COLUMNS } from '../../corpus/edge-values.ts';
import { collector, convert, convertColumn, TEXT } from './run.ts';

for (const edge of EDGE_COLUMNS) {
  const texts = edge.values.map(({ text }) => text);

  test(`${edge.name}: canonical text names the values`, () => {
    const column = columnOf(edge.type, texts);
    checkColumn(column, edge.name);
    assert.deepEqual(textsOf(column), texts);
  });

  if (edge.type.kind === 'any' || edge.type.kind === 'opaque') continue;

  test(`${edge.name}: to text is its canonical text`, () => {
    if (edge.type.kind === 'binary') return;
    const { texts: got, refused } = convert(edge.type, TEXT, texts);
    assert.deepEqual(refused, []);
    assert.deepEqual(got, texts);
  });

  test(`${edge.name}: to text and back changes nothing`, () => {
    if (edge.type.kind === 'binary' || (edge.type.kind === 'float' && edge.type.bits === 32)) return;
    const there = convert(edge.type, TEXT, texts);
    const back = convertColumn(there.column, edge.type);
    // Decimal text has no exponent and no -0, which the shortest text of a float may have.
    const kept = texts.filter((text) => edge.type.kind !== 'float' || !/e|^-0$/.test(text ?? ''));
    assert.deepEqual(
      back.texts.filter((text) => text !== null),
      kept.filter((text) => text !== null),
    );
  });

  test(`${edge.name}: no NULLs, all NULLs, and no rows`, () => {
    const values = texts.filter((text) => text !== null);
    for (const some of [values, [], [null, null, null], [null, ...values]]) {
      const column = columnOf(edge.type, some);
      for (const to of targets()) {
        const conversion = findConversion(edge.type, to, {});
        if (conversion === null) continue;
        const kernel = conversion.make();
        const { sink } = collector();
        const result = withType(kernel === null ? column : kernel(column, sink), to);
        checkColumn(result, `${typeName(edge.type)} -> ${typeName(to)}`);
        assert.equal(result.length, some.length);
        emptyUnderNull(result);
      }
    }
  });
}

/** One type of each kind and more. */
function targets(): LogicalType[] {
  const types = new Map(EDGE_COLUMNS.map(({ type }) => [typeName(type), type]));
  return [...types.values(), { kind: 'any' }];
}

/** NULL slots are zero, or empty. */
function emptyUnderNull(column: ReturnType<typeof columnOf>): void {
  if (column.type.kind === 'any' || column.validity === null) return;
  textsOf(column).forEach((text, row) => {
    if (text !== null) return;
    if (isVariableWidth(column.type)) {
      const offsets = column.offsets as Int32Array;
      assert.equal(offsets[row], offsets[row + 1]);
      return;
    }
    const width = column.data.byteLength / Math.max(1, column.length);
    const exact = Math.floor(width);
    if (column.type.kind === 'bool' || exact !== width) return;
    assert.ok(column.data.subarray(row * exact, (row + 1) * exact).every((byte) => byte === 0));
  });
}
