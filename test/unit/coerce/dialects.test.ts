// What the dialects declare must have a way: every wire type that a target asks for can be made from its
// canonical type, and values of the corpus go there and come back the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findConversion } from '../../../src/coerce/rules.ts';
import type { TypeMap } from '../../../src/dialect/dialect.ts';
import { types as duckdbTypes } from '../../../src/dialect/duckdb/types.ts';
import { postgresTypes } from '../../../src/dialect/postgres/types.ts';
import { types as sqliteTypes } from '../../../src/dialect/sqlite/types.ts';
import { sameType, typeName } from '../../../src/types/logical-type.ts';
import { isRefusal } from '../../../src/types/mapping.ts';
import type { ColumnSchema } from '../../../src/types/schema.ts';
import { EDGE_COLUMNS } from '../../corpus/edge-values.ts';
import { columnOfPlain, PLAIN_COLUMNS } from '../../corpus/nested-columns.ts';
import { plainOf } from './random-types.ts';
import { convert, convertColumn } from './run.ts';

const MAPS: readonly (readonly [string, TypeMap])[] = [
  ['postgres', postgresTypes],
  ['duckdb', duckdbTypes],
  ['sqlite', sqliteTypes],
];

const COLUMN: ColumnSchema = {
  name: 'c',
  nativeType: '',
  nullable: true,
  default: null,
  identity: null,
  generated: null,
  collation: null,
  comment: null,
};

for (const [engine, map] of MAPS) {
  for (const { name, type, values } of EDGE_COLUMNS) {
    const made = map.create(type, COLUMN, null, { sameEngine: false, policies: {} });
    if (isRefusal(made) || sameType(type, made.wire)) continue;
    test(`${name} to ${engine}: ${typeName(type)} to ${typeName(made.wire)} and back`, () => {
      assert.notEqual(findConversion(type, made.wire, {}), null);
      const there = convert(
        type,
        made.wire,
        values.map(({ text }) => text),
      );
      const arrived = values.filter((_, row) => there.texts[row] !== null);
      // Reading back may need another rule than the one back from this very type; where there is one, it agrees.
      if (findConversion(made.wire, type, {}) === null) return;
      const back = convertColumn(there.column, type).texts.filter((text) => text !== null);
      assert.deepEqual(
        back,
        arrived.map(({ text }) => text),
      );
    });
  }
}

for (const [engine, map] of MAPS) {
  for (const { name, type, values } of PLAIN_COLUMNS) {
    const made = map.create(type, COLUMN, null, { sameEngine: false, policies: {} });
    if (isRefusal(made)) continue;
    test(`${name} to ${engine}: ${typeName(type)} to ${typeName(made.wire)} and back`, () => {
      assert.notEqual(findConversion(type, made.wire, {}), null);
      const column = columnOfPlain(type, values);
      const there = convertColumn(column, made.wire);
      assert.deepEqual(there.refused, []);
      if (findConversion(made.wire, type, {}) === null) return;
      assert.deepEqual(plainOf(convertColumn(there.column, type).column), plainOf(column));
    });
  }
}
