// A batch -> the bytes of a SQLite database file with one table of its rows, which SQLite itself then reads by
// `INSERT … SELECT`. Pure; runs in crossing workers. Facts: sqlite.org/fileformat2.html, sections 1.3 (header),
// 1.6 (b-tree pages), 2.1 (record format).
//
//   page 1   header, and the schema table's one row
//   page 2   the root of the table: its only leaf, or the topmost interior page
//   page 3…  leaves and overflow pages as the rows come, then interior pages
import type { Batch } from '../../../batch/batch.ts';
import { type ImagePayload, type ImageTable, releaseBuffers } from '../../../batch/chunk.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { type CellLayout, layoutCells } from './cell-layout.ts';
import { cellValues, rowidsOf } from './cell-values.ts';
import { writeCells } from './cell-write.ts';
import {
  INTERIOR_HEADER_BYTES,
  LEAF_HEADER_BYTES,
  TABLE_INTERIOR,
  TABLE_LEAF,
  varintBytes,
  writeVarint,
} from './record.ts';
import { keepsValues } from './verbatim.ts';

/** Large pages, so that few rows overflow and the tree is flat. */
export const IMAGE_PAGE_BYTES = 32768;
/** The table in an image that is not verbatim. */
export const IMAGE_TABLE = 'rows';
/** More would not fit into the schema's page. */
export const IMAGE_COLUMNS_MAX = 2000;
/** A longer CREATE TABLE is not put into an image. */
export const IMAGE_SQL_BYTES_MAX = 24 * 1024;
/** Page 1 begins with the file's header. */
const FILE_HEADER_BYTES = 100;
const ROOT_PAGE = 2;
const FIRST_FREE_PAGE = 3;

/**
 * The database file. Verbatim, where the target's table would keep each value as it is: the image's table is that table,
 * and SQLite moves its records without looking into them. Else the table `rows` has the batch's columns as c0, c1 …
 * without types, so that each value keeps its storage class, and rowids from 1 on.
 */
export function encodeImage(batch: Batch, table: ImageTable | null): ImagePayload {
  const suits = table !== null && keepsValues(batch, table);
  const rowids = suits && table.rowid !== null ? rowidsOf(batch.columns[table.rowid]) : null;
  const verbatim = suits && (table.rowid === null || rowids !== null);
  const columns = cellValues(batch, verbatim ? table : null);
  const layout = layoutCells(columns, batch.rowCount, rowids, IMAGE_PAGE_BYTES);
  const leaves = layout.leafEnds.length;
  const interiors = interiorLevels(leaves);
  const interiorPages = interiors.reduce((sum, level) => sum + level, 0);
  // The root, be it leaf or interior, has the page that the schema names.
  const pages = ROOT_PAGE - 1 + leaves + interiorPages + layout.overflowPages;
  const bytes = new Uint8Array(pages * IMAGE_PAGE_BYTES);
  const places = placePages(layout, leaves);
  writeCells(bytes, columns, layout, places, IMAGE_PAGE_BYTES);
  writeLeaves(bytes, layout, places);
  writeInteriors(bytes, layout, places, interiors);
  if (verbatim) writeFirstPage(bytes, pages, table.name, table.sql);
  else writeFirstPage(bytes, pages, IMAGE_TABLE, untypedTable(columns.length));
  const { serials, headerBytes, payloadBytes, cellAt } = layout;
  releaseBuffers([serials, headerBytes, payloadBytes, cellAt].map(({ buffer }) => buffer));
  return { form: 'image', bytes, verbatim };
}

function untypedTable(columns: number): string {
  const names = Array.from({ length: columns }, (_, at) => `c${at}`).join(',');
  return `CREATE TABLE ${IMAGE_TABLE}(${names})`;
}

/** Where the pages of rows stand: the leaf's page number, and the first overflow page of the rows that have some. */
export interface PagePlaces {
  readonly leafPages: Uint32Array;
  /** The next free page number. */
  readonly free: number;
}

function placePages(layout: CellLayout, leaves: number): PagePlaces {
  const leafPages = new Uint32Array(leaves);
  let free = FIRST_FREE_PAGE + layout.overflowPages;
  for (let leaf = 0; leaf < leaves; leaf++) leafPages[leaf] = leaves === 1 ? ROOT_PAGE : free++;
  return { leafPages, free };
}

/** Headers and cell pointers of the leaves. */
function writeLeaves(bytes: Uint8Array, layout: CellLayout, { leafPages }: PagePlaces): void {
  const { leafEnds, leafBytes, cellAt } = layout;
  let row = 0;
  for (let leaf = 0; leaf < leafEnds.length; leaf++) {
    const base = (leafPages[leaf] - 1) * IMAGE_PAGE_BYTES;
    const cells = leafEnds[leaf] - row;
    writePageHeader(bytes, base, TABLE_LEAF, cells, IMAGE_PAGE_BYTES - leafBytes[leaf]);
    for (let pointer = base + LEAF_HEADER_BYTES; row < leafEnds[leaf]; row++, pointer += 2) {
      bytes[pointer] = cellAt[row] >> 8;
      bytes[pointer + 1] = cellAt[row];
    }
  }
}

function writePageHeader(
  bytes: Uint8Array,
  base: number,
  type: number,
  cells: number,
  contentAt: number,
): void {
  bytes[base] = type;
  bytes[base + 3] = cells >> 8;
  bytes[base + 4] = cells;
  bytes[base + 5] = contentAt >> 8;
  bytes[base + 6] = contentAt;
}

/** A cell of an interior page: four bytes of page number, a rowid of at most nine, two of pointer. */
const INTERIOR_CELL_BYTES_MAX = 15;
const CHILDREN_MAX = Math.floor((IMAGE_PAGE_BYTES - INTERIOR_HEADER_BYTES) / INTERIOR_CELL_BYTES_MAX);

/** Interior pages per level, from above the leaves up to the root; [] for one leaf. */
function interiorLevels(leaves: number): number[] {
  const levels: number[] = [];
  for (let below = leaves; below > 1; ) {
    below = Math.ceil(below / CHILDREN_MAX);
    levels.push(below);
  }
  return levels;
}

function writeInteriors(
  bytes: Uint8Array,
  { leafEnds, rowids }: CellLayout,
  places: PagePlaces,
  levels: readonly number[],
): void {
  let free = places.free;
  let children: Uint32Array = places.leafPages;
  // The largest rowid below each child.
  let keys = Float64Array.from(leafEnds, (end) => (rowids === null ? end : rowids[end - 1]));
  levels.forEach((count, level) => {
    const isRoot = level === levels.length - 1;
    const numbers = new Uint32Array(count);
    const topKeys = new Float64Array(count);
    const share = Math.ceil(children.length / count);
    for (let page = 0; page < count; page++) {
      numbers[page] = isRoot ? ROOT_PAGE : free++;
      const from = page * share;
      const to = Math.min(from + share, children.length);
      topKeys[page] = keys[to - 1];
      writeInterior(bytes, numbers[page], children.subarray(from, to), keys.subarray(from, to));
    }
    children = numbers;
    keys = topKeys;
  });
}

function writeInterior(bytes: Uint8Array, number: number, children: Uint32Array, keys: Float64Array): void {
  const base = (number - 1) * IMAGE_PAGE_BYTES;
  const cells = children.length - 1;
  let at = IMAGE_PAGE_BYTES;
  for (let cell = 0; cell < cells; cell++) {
    at -= 4 + varintBytes(keys[cell]);
    writeUint32(bytes, base + at, children[cell]);
    writeVarint(bytes, base + at + 4, keys[cell]);
    const pointer = base + INTERIOR_HEADER_BYTES + cell * 2;
    bytes[pointer] = at >> 8;
    bytes[pointer + 1] = at;
  }
  writePageHeader(bytes, base, TABLE_INTERIOR, cells, at);
  writeUint32(bytes, base + 8, children[cells]);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

const encoder = new TextEncoder();

function writeFirstPage(bytes: Uint8Array, pages: number, table: string, create: string): void {
  bytes.set(encoder.encode('SQLite format 3\0'));
  bytes[16] = IMAGE_PAGE_BYTES >> 8;
  bytes[17] = IMAGE_PAGE_BYTES & 0xff;
  bytes[18] = bytes[19] = 1;
  bytes.set([64, 32, 32], 21);
  writeUint32(bytes, 24, 1);
  writeUint32(bytes, 28, pages);
  writeUint32(bytes, 40, 1);
  writeUint32(bytes, 44, 4);
  writeUint32(bytes, 56, 1);
  writeUint32(bytes, 92, 1);
  // Any version that knows the format.
  writeUint32(bytes, 96, 3_050_000);
  const sql = encoder.encode(create);
  const name = encoder.encode(table);
  const type = encoder.encode('table');
  const sqlSerial = 13 + sql.byteLength * 2;
  const headerBytes = 5 + varintBytes(sqlSerial);
  const payload = headerBytes + type.byteLength + name.byteLength * 2 + 1 + sql.byteLength;
  const cellBytes = varintBytes(payload) + 1 + payload;
  const at = IMAGE_PAGE_BYTES - cellBytes;
  if (at < FILE_HEADER_BYTES + LEAF_HEADER_BYTES + 2) {
    throw new FerrowError('E_INTERNAL', `the definition of "${table}" is longer than an image's first page`);
  }
  writePageHeader(bytes, FILE_HEADER_BYTES, TABLE_LEAF, 1, at);
  bytes[FILE_HEADER_BYTES + LEAF_HEADER_BYTES] = at >> 8;
  bytes[FILE_HEADER_BYTES + LEAF_HEADER_BYTES + 1] = at;
  let to = writeVarint(bytes, at, payload);
  to = writeVarint(bytes, to, 1);
  bytes.set(
    [headerBytes, 13 + type.byteLength * 2, 13 + name.byteLength * 2, 13 + name.byteLength * 2, 1],
    to,
  );
  to = writeVarint(bytes, to + 5, sqlSerial);
  for (const part of [type, name, name, Uint8Array.of(ROOT_PAGE), sql]) {
    bytes.set(part, to);
    to += part.byteLength;
  }
}
