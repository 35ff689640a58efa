// Bent bytes into every codec: whatever a database's bytes turn into on their way, decoding ends in columns that
// hold together or in a FerrowError. Never in another exception, a crash or a hang. Seeded: a failure repeats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, Field } from '../../src/batch/batch.ts';
import { type ChunkPayload, transferList } from '../../src/batch/chunk.ts';
import { checkColumn } from '../../src/batch/column.ts';
import { CODECS } from '../../src/dialect/codecs.ts';
import { FerrowError } from '../../src/errors/ferrow-error.ts';
import type { Engine } from '../../src/types/logical-type.ts';
import { columnOf, textsOf } from '../corpus/columns.ts';
import { EDGE_COLUMNS, type EdgeColumn } from '../corpus/edge-values.ts';
import { columnOfPlain, PLAIN_COLUMNS } from '../corpus/nested-columns.ts';
import { seeded } from './random-values.ts';

const ROUNDS = 300;

/** Edge columns whose type the engine's codec takes as it is, each alone, so that one fault hides no other. */
function batches(engine: Engine): Batch[] {
  const made: Batch[] = [];
  for (const column of EDGE_COLUMNS) {
    if (column.ddl[engine] === undefined || !isWire(engine, column)) continue;
    const texts = column.values.filter((value) => value[engine] !== undefined).map((value) => value.text);
    const fields: Field[] = [{ name: column.name, type: column.type }];
    made.push({ fields, columns: [columnOf(column.type, texts)], rowCount: texts.length });
  }
  for (const { name, type, values } of PLAIN_COLUMNS) {
    if (!WIRES[engine].includes(type.kind)) continue;
    // Ragged lists of lists are json in PostgreSQL, and its maps are of text.
    if (engine === 'postgres' && (name === 'p_lists' || name === 'p_map_of_lists')) continue;
    made.push({
      fields: [{ name, type }],
      columns: [columnOfPlain(type, values)],
      rowCount: values.length,
    });
  }
  return made;
}

/** The newer types that each engine's codec takes as they are; SQLite holds them as text, which kernels make. */
const WIRES: Readonly<Record<Engine, readonly string[]>> = {
  postgres: ['timetz', 'interval', 'bit', 'list', 'struct', 'map'],
  duckdb: ['timetz', 'interval', 'bit', 'enum', 'list', 'struct', 'map', 'union'],
  sqlite: [],
};

/** PostgreSQL's uint32 is oid, and time and timestamp come in microseconds. */
function isWire(engine: Engine, { type }: EdgeColumn): boolean {
  if (engine !== 'postgres') return true;
  if (type.kind === 'time') return type.unit === 'us';
  if (type.kind === 'timestamp') return type.unit === 'us';
  return true;
}

/** The payload with one buffer cut short, or with some bytes changed. */
function bend(payload: ChunkPayload, random: (below: number) => number): ChunkPayload {
  const copy = structuredClone(payload);
  const buffers = transferList(copy).filter((buffer) => buffer.byteLength > 0);
  const buffer = buffers[random(buffers.length)];
  if (!buffer) return copy;
  if (random(3) === 0) return cut(copy, buffer, random(buffer.byteLength));
  const bytes = new Uint8Array(buffer);
  for (let count = 1 + random(4); count > 0; count--) bytes[random(bytes.length)] = random(256);
  return copy;
}

/** Replaces every array over `buffer` by its first bytes. */
function cut(payload: ChunkPayload, buffer: ArrayBuffer, byteLength: number): ChunkPayload {
  const shorter = (value: unknown): unknown => {
    if (value instanceof Int32Array && value.buffer === buffer) return value.slice(0, byteLength >> 2);
    if (value instanceof Uint8Array) return value.buffer === buffer ? value.slice(0, byteLength) : value;
    if (ArrayBuffer.isView(value) || value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(shorter);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shorter(each)]));
  };
  return shorter(payload) as ChunkPayload;
}

for (const engine of ['postgres', 'duckdb', 'sqlite'] as const) {
  const codec = CODECS[engine];

  test(`${engine}: what is encoded decodes to the same values`, () => {
    for (const batch of batches(engine)) {
      const decoded = codec.decode(codec.encode(batch), batch.rowCount, batch.fields);
      assert.deepEqual(textsOf(decoded.columns[0]), textsOf(batch.columns[0]), batch.fields[0].name);
    }
  });

  test(`${engine}: bent bytes end in whole columns or in a FerrowError`, () => {
    const random = seeded(20_240_229);
    let refused = 0;
    for (const batch of batches(engine)) {
      const payload = codec.encode(batch);
      for (let round = 0; round < ROUNDS; round++) {
        const bent = bend(payload, random);
        try {
          const { columns, rowCount } = codec.decode(bent, batch.rowCount, batch.fields);
          assert.equal(rowCount, batch.rowCount);
          for (const column of columns) {
            assert.equal(column.length, batch.rowCount);
            checkColumn(column, batch.fields[0].name);
          }
        } catch (error) {
          assert.ok(error instanceof FerrowError, `${batch.fields[0].name}, round ${round}: ${error}`);
          refused++;
        }
      }
    }
    assert.ok(refused > ROUNDS, `only ${refused} were refused: the bytes are hardly bent`);
  });

  test(`${engine}: a wrong number of rows is noticed`, () => {
    for (const batch of batches(engine)) {
      const payload = codec.encode(batch);
      const more = () => {
        const { columns } = codec.decode(payload, batch.rowCount + 9, batch.fields);
        for (const column of columns) {
          assert.equal(column.length, batch.rowCount + 9);
          checkColumn(column, batch.fields[0].name);
        }
      };
      assert.throws(more, FerrowError, batch.fields[0].name);
    }
  });
}
