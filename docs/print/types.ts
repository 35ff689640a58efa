// Prints docs/types.md: the canonical types, what each engine makes of them, and every conversion there is,
// from the type maps of the dialects and the table of coerce/.
import { RULES } from '../../src/coerce/rules.ts';
import type { Dialect, TypeMap } from '../../src/dialect/dialect.ts';
import { types as duckdbTypes } from '../../src/dialect/duckdb/types.ts';
import { postgresTypes } from '../../src/dialect/postgres/types.ts';
import { types as sqliteTypes } from '../../src/dialect/sqlite/types.ts';
import { type LogicalType, typeName } from '../../src/types/logical-type.ts';
import { type Check, isRefusal } from '../../src/types/mapping.ts';
import { POLICIES, type PolicyKey, policiesOf } from '../../src/types/policy.ts';
import type { ColumnSchema } from '../../src/types/schema.ts';
import { cell, printPage } from './printed-page.ts';

interface Canonical {
  readonly type: LogicalType;
  readonly arrow: string;
  readonly text: string;
}

const int = (bits: 8 | 16 | 32 | 64 | 128, signed: boolean): LogicalType => ({ kind: 'int', bits, signed });
const INT32 = int(32, true);
const TEXT: LogicalType = { kind: 'text' };
const INT_TEXT = 'decimal digits, `-5`';
const FLOAT_TEXT = 'fewest digits that mean the value: `0.1`, `1e+21`, `-0`, `NaN`, `Infinity`';
const DECIMAL_TEXT = 'all digits of the scale: `-12.50`, `0.00`';

const CANONICAL: readonly Canonical[] = [
  { type: { kind: 'bool' }, arrow: 'Bool', text: '`true`, `false`' },
  ...([8, 16, 32, 64] as const).flatMap((bits) => [
    { type: int(bits, true), arrow: `Int${bits}`, text: INT_TEXT },
    { type: int(bits, false), arrow: `Uint${bits}`, text: INT_TEXT },
  ]),
  { type: int(128, true), arrow: 'FixedSizeBinary(16), arrow.opaque hugeint', text: INT_TEXT },
  { type: int(128, false), arrow: 'FixedSizeBinary(16), arrow.opaque uhugeint', text: INT_TEXT },
  { type: { kind: 'float', bits: 32 }, arrow: 'Float32', text: FLOAT_TEXT },
  { type: { kind: 'float', bits: 64 }, arrow: 'Float64', text: FLOAT_TEXT },
  { type: { kind: 'decimal', precision: 10, scale: 2 }, arrow: 'Decimal128', text: DECIMAL_TEXT },
  { type: { kind: 'decimal', precision: 38, scale: 10 }, arrow: 'Decimal128', text: DECIMAL_TEXT },
  {
    type: { kind: 'numeric' },
    arrow: 'Utf8, ferrow.numeric',
    text: 'digits as the source has them: `1.10`, `NaN`, `Infinity`; no exponent',
  },
  { type: { kind: 'text' }, arrow: 'Utf8', text: 'itself' },
  { type: { kind: 'text', maxChars: 10 }, arrow: 'Utf8', text: 'itself' },
  { type: { kind: 'text', maxChars: 5, fixed: true }, arrow: 'Utf8', text: 'itself, with its padding' },
  { type: { kind: 'binary' }, arrow: 'Binary', text: '`\\x` and hex digits' },
  {
    type: { kind: 'date' },
    arrow: 'Date32',
    text: '`2024-02-29`; `-0043-03-15` is 44 BC; `infinity`, `-infinity`',
  },
  { type: { kind: 'time', unit: 'us' }, arrow: 'Time64(us)', text: '`23:59:59.5`, up to `24:00:00`' },
  { type: { kind: 'time', unit: 'ns' }, arrow: 'Time64(ns)', text: '`23:59:59.000000001`' },
  ...(['s', 'ms', 'us', 'ns'] as const).map((unit) => ({
    type: { kind: 'timestamp', unit, zone: false } as const,
    arrow: `Timestamp(${unit})`,
    text: '`2024-02-29 12:00:00.5`, `infinity`, `-infinity`',
  })),
  {
    type: { kind: 'timestamp', unit: 'us', zone: true },
    arrow: 'Timestamp(us, UTC)',
    text: '`2024-02-29 12:00:00.5+00:00`: the instant; no engine keeps the zone’s name',
  },
  { type: { kind: 'uuid' }, arrow: 'FixedSizeBinary(16), arrow.uuid', text: '36 lower-case characters' },
  { type: { kind: 'json' }, arrow: 'Utf8, arrow.json', text: 'verbatim' },
  {
    type: { kind: 'json', binary: true },
    arrow: 'Utf8, arrow.json',
    text: 'as PostgreSQL’s jsonb prints it',
  },
  {
    type: { kind: 'timetz' },
    arrow: 'FixedSizeBinary(8), arrow.opaque time_tz',
    text: '`12:34:56.5+05:30`; seconds of the offset only where it has some; never normalised',
  },
  {
    type: { kind: 'interval' },
    arrow: 'FixedSizeBinary(16), ferrow.interval',
    text: 'ISO 8601 as PostgreSQL prints it: `P1Y2M3DT-4H5M6.5S`, `PT0S`, `infinity`, `-infinity`',
  },
  { type: { kind: 'bit' }, arrow: 'Binary, arrow.opaque bit', text: '`0101`' },
  { type: { kind: 'bit', length: 8 }, arrow: 'Binary, arrow.opaque bit', text: '`01010101`' },
  {
    type: { kind: 'enum', name: 'mood', labels: ['sad', 'happy'] },
    arrow: 'Dictionary(Int32, Utf8), ordered, ferrow.enum',
    text: 'the label',
  },
  { type: { kind: 'list', element: INT32 }, arrow: 'List', text: 'JSON: `[1,null]`' },
  { type: { kind: 'list', element: INT32, size: 3 }, arrow: 'FixedSizeList', text: 'JSON: `[1,2,3]`' },
  {
    type: { kind: 'list', element: { kind: 'list', element: INT32 } },
    arrow: 'List of List',
    text: 'JSON: `[[1],[]]`',
  },
  {
    type: {
      kind: 'struct',
      fields: [
        { name: 'a', type: INT32 },
        { name: 'b', type: TEXT },
      ],
    },
    arrow: 'Struct',
    text: 'JSON: `{"a":1,"b":"x"}`',
  },
  {
    type: { kind: 'map', key: TEXT, value: INT32 },
    arrow: 'Map',
    text: 'JSON: `{"k":1}`; `[[k,v]]` where keys are not text',
  },
  {
    type: {
      kind: 'union',
      members: [
        { name: 'n', type: INT32 },
        { name: 's', type: TEXT },
      ],
    },
    arrow: 'SparseUnion, with a member `null` for no value',
    text: 'JSON: `{"n":1}`',
  },
  {
    type: { kind: 'any' },
    arrow: 'DenseUnion(integer, real, text, blob, null), ferrow.sqlite_any',
    text: 'that of the value’s own class',
  },
];

const TARGETS: readonly { readonly name: Dialect['name']; readonly title: string; readonly map: TypeMap }[] =
  [
    { name: 'sqlite', title: 'SQLite', map: sqliteTypes },
    { name: 'duckdb', title: 'DuckDB', map: duckdbTypes },
    { name: 'postgres', title: 'PostgreSQL', map: postgresTypes },
  ];

/** A column of no engine in particular: each target decides by the canonical type alone. */
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

function targetCell(map: TypeMap, type: LogicalType): string {
  const made = map.create(type, COLUMN, null, { sameEngine: false, policies: {} });
  if (isRefusal(made)) return `– \`${made.refused}\``;
  const checks = [...new Set(made.checks.map(checkText).filter((text) => text !== ''))];
  const star = made.verdict === 'widened' ? ' (wider)' : '';
  const name = made.nativeType === '' ? 'no declared type' : `\`${made.nativeType}\``;
  return `${name}${star}${checks.length > 0 ? `; ${checks.join(', ')}` : ''}`;
}

function checkText(check: Check): string {
  switch (check.kind) {
    case 'utf8':
      return 'UTF-8';
    case 'noNul':
      return 'no NUL';
    case 'maxChars':
      return `at most ${check.chars} characters`;
    case 'maxBytes':
      return `at most ${check.bytes} bytes`;
    case 'noNan':
      return 'no NaN';
    case 'finite':
      return 'no infinity';
    case 'range':
      return 'in range';
    case 'json':
      return 'valid JSON';
    case 'bitLength':
      return `${check.bits} bits`;
    case 'noEmptyBit':
      return 'not empty';
    case 'negativeZero':
      return '-0 becomes 0, counted';
    case 'child':
      return `inside: ${checkText(check.check)}`;
  }
}

const quoted = (items: readonly string[]) => items.map((item) => `\`${item}\``).join(', ');

const policyText = (key: PolicyKey) =>
  policiesOf(key)
    .map((policy) => `\`${policy}\``)
    .join(', ');

const parts = [
  '# Types\n',
  'Printed from `src/coerce`, `src/types` and the type maps of the dialects; do not edit.\n',
  'Engines meet in one set of canonical types: a source column becomes one of them, and a target makes the column',
  'that holds it. What a target can’t hold exactly is refused with table, column, row key and value, unless the',
  'user allowed the loss by name (`--allow KEY=POLICY`). Nothing is guessed: text never becomes a date because it',
  'looks like one somewhere, and a timestamp never gains or loses a zone.\n',
  '## Canonical types\n',
  '“Text” is how values of the type are written wherever Ferrow writes them as text: in SQLite, in errors, in keys.\n',
  '| type | Arrow | text |',
  '| --- | --- | --- |',
  ...CANONICAL.map(({ type, arrow, text }) => `| ${typeName(type)} | ${cell(arrow)} | ${cell(text)} |`),
  '',
  '## What each engine makes of them\n',
  'The column that a target creates, and what its values are checked for. “Wider” means that every value is kept',
  'in a native type that could hold more. A copy from an engine to the same engine keeps the native types as they',
  'are. Where the choice depends on the data (an unconstrained numeric, say), this is the choice without knowing',
  'them.\n',
  `| type | ${TARGETS.map(({ title }) => title).join(' | ')} |`,
  '| --- | --- | --- | --- |',
  ...CANONICAL.map(
    ({ type }) =>
      `| ${typeName(type)} | ${TARGETS.map(({ map }) => cell(targetCell(map, type))).join(' | ')} |`,
  ),
  '',
  '## Conversions\n',
  'Every conversion between two kinds of type; there are no others. A value that does not come through exactly is',
  'refused with one of the codes (see [errors](errors.md)). Where no code stands, every value fits. Of lists, structs,',
  'maps and unions the codes of what is inside come on top; a message names the place (“in element 3”), and the row is',
  'that of the whole. Keys of maps follow no policy.\n',
  'In JSON, numbers have all their digits, however many; NaN, infinities, text, dates, UUIDs, intervals and bits are',
  'strings, bytes `"\\\\x…"`, and JSON stands as it is. Read back, numbers are taken by their digits.\n',
  '| from | to | how | refused with | policies |',
  '| --- | --- | --- | --- | --- |',
  ...[...RULES]
    .sort((a, b) => order(a.from) - order(b.from) || order(a.to) - order(b.to))
    .map(
      ({ from, to, note, codes, policies }) =>
        `| ${from} | ${to} | ${cell(note)} | ${quoted(codes)} | ${quoted(policies)} |`,
    ),
  '',
  '## Policies\n',
  'What `--allow` knows. Every use is counted in the report.\n',
  ...(Object.keys(POLICIES) as PolicyKey[])
    .filter((key) => policiesOf(key).length > 0)
    .map((key) => `- ${policyText(key)}`),
  '',
];

function order(kind: string): number {
  return CANONICAL.findIndex(({ type }) => type.kind === kind);
}

printPage('types.md', `${parts.join('\n').trimEnd()}\n`);
