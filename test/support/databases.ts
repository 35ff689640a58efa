// The fixture database "shop": odd names, composite, self-referencing and cyclic foreign keys, every everyday
// type with its edges, an empty table. One description, made in any of the three engines.
import { makeTables, type Table } from './tables.ts';

/** Two teams whose captains are among their members: a cycle of two tables, and a self-reference. */
const STAFF: readonly Table[] = [
  {
    name: 'team',
    columns: [
      { name: 'id', kind: 'int32', notNull: true },
      { name: 'name', kind: 'text', notNull: true },
      { name: 'captain', kind: 'int32' },
    ],
    primaryKey: ['id'],
    uniques: [['name']],
    foreignKeys: [
      { columns: ['captain'], table: 'employee', references: ['id'], inCycle: true, closesCycle: true },
    ],
    rows: [
      ['1', 'deck', '2'],
      ['2', 'engine room', '3'],
      ['3', 'shore', null],
    ],
  },
  {
    name: 'employee',
    columns: [
      { name: 'id', kind: 'int32', notNull: true },
      { name: 'name', kind: 'text', notNull: true },
      { name: 'manager', kind: 'int32' },
      { name: 'team', kind: 'int32', notNull: true },
    ],
    primaryKey: ['id'],
    foreignKeys: [
      { columns: ['manager'], table: 'employee', references: ['id'] },
      { columns: ['team'], table: 'team', references: ['id'], inCycle: true },
    ],
    rows: [
      ['1', 'Ingrid Åström', null, '1'],
      ['2', 'Paul O’Neill', '1', '1'],
      ['3', 'Jean "Jo" d’Arc', '1', '2'],
      ['4', "Miles O'Brien", '3', '2'],
    ],
  },
];

/** Composite keys, and names that need quoting everywhere. */
const ORDERS: readonly Table[] = [
  {
    name: 'Order',
    columns: [
      { name: 'region', kind: 'int16', notNull: true },
      { name: 'number', kind: 'int64', notNull: true },
      { name: 'select', kind: 'text' },
      { name: 'total', kind: 'decimal', precision: 12, scale: 2, notNull: true, default: '0' },
      { name: 'Größe / m²', kind: 'float64' },
      { name: '2nd "quote"', kind: 'bool' },
    ],
    primaryKey: ['region', 'number'],
    indexes: [{ name: 'order by total', columns: ['total', 'number'] }],
    rows: [
      ['1', '1', 'first', '10.10', '1.5', 'true'],
      ['1', '2', '', '0.00', '-0.001', 'false'],
      ['2', '1', 'Grüße\nan\talle', '-9999999999.99', null, null],
      ['2', '9007199254740993', null, '1234.50', '1e+300', 'true'],
    ],
  },
  {
    name: 'order lines',
    columns: [
      { name: 'region', kind: 'int16', notNull: true },
      { name: 'order', kind: 'int64', notNull: true },
      { name: 'line', kind: 'int32', notNull: true },
      { name: 'price', kind: 'decimal', precision: 30, scale: 10, notNull: true },
      { name: 'note', kind: 'text', default: "'none'" },
    ],
    primaryKey: ['region', 'order', 'line'],
    foreignKeys: [
      {
        columns: ['region', 'order'],
        table: 'Order',
        references: ['region', 'number'],
        onDelete: 'CASCADE',
      },
    ],
    rows: [
      ['1', '1', '1', '5.0500000000', "it's fine"],
      ['1', '1', '2', '5.0500000000', null],
      ['2', '9007199254740993', '1', '-12345678901234567890.0123456789', '\\N is no NULL; 你好'],
      ['2', '9007199254740993', '2', '0.0000000001', 'a, "b"; c'],
    ],
  },
  {
    name: '🚢 ships/2024',
    columns: [
      { name: 'ID', kind: 'uuid', notNull: true },
      { name: 'naïve Ünïcode', kind: 'text' },
    ],
    primaryKey: ['ID'],
    rows: [
      ['00000000-0000-0000-0000-000000000000', 'nil'],
      ['ffffffff-ffff-ffff-ffff-ffffffffffff', null],
      ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'Ω≈ç√∫˜µ≤≥÷'],
    ],
  },
];

const TYPES: readonly Table[] = [
  {
    name: 'everyday',
    columns: [
      { name: 'id', kind: 'int32', notNull: true },
      { name: 'i16', kind: 'int16' },
      { name: 'i64', kind: 'int64' },
      { name: 'f64', kind: 'float64' },
      { name: 'dec', kind: 'decimal', precision: 15, scale: 4 },
      { name: 'flag', kind: 'bool' },
      { name: 'txt', kind: 'text' },
      { name: 'bytes', kind: 'blob' },
      { name: 'day', kind: 'date' },
      { name: 'at', kind: 'time' },
      { name: 'stamp', kind: 'timestamp' },
      { name: 'instant', kind: 'timestamptz' },
      { name: 'uid', kind: 'uuid' },
      { name: 'doc', kind: 'json' },
    ],
    primaryKey: ['id'],
    rows: [
      [
        '1',
        '32767',
        '9223372036854775807',
        '1.7976931348623157e+308',
        '99999999999.9999',
        'true',
        'plain',
        '00FF10',
        '2024-02-29',
        '23:59:59.999999',
        '2024-12-31 23:59:59.999999',
        '1999-12-31 23:59:59.5',
        '123e4567-e89b-12d3-a456-426614174000',
        '{"b": 1, "a": [1.10, null, "x"]}',
      ],
      [
        '2',
        '-32768',
        '-9223372036854775808',
        '5e-324',
        '-99999999999.9999',
        'false',
        '',
        '',
        '1969-12-31',
        '00:00:00',
        '1970-01-01 00:00:00',
        '2000-01-01 00:00:00.000001',
        '00000000-0000-4000-8000-000000000001',
        '"text"',
      ],
      ['3', null, null, null, null, null, null, null, null, null, null, null, null, null],
      [
        '4',
        '0',
        '0',
        '0.1',
        '0.0001',
        'true',
        `long ${'čšž '.repeat(500)}`,
        'AB'.repeat(3000),
        '0001-01-01',
        '12:00:00.5',
        '0001-01-01 00:00:00.1',
        '9999-12-31 23:59:59',
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        '[]',
      ],
    ],
  },
  {
    name: 'empty',
    columns: [
      { name: 'id', kind: 'int32', notNull: true },
      { name: 'text', kind: 'text' },
    ],
    primaryKey: ['id'],
    rows: [],
  },
];

/** All tables of the shop, in an order in which they can be made with their rows. */
export const SHOP: readonly Table[] = [...STAFF, ...ORDERS, ...TYPES];

/** Makes the shop at `url` (`sqlite:`, `duckdb:` or `postgres:`), by the engine's own driver. */
export async function makeShop(url: string): Promise<void> {
  await makeTables(url, SHOP);
}
