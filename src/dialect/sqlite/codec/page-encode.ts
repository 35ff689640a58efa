// A batch -> the bytes of a SQLite database file with one table of its rows, which SQLite itself then reads by
// `INSERT … SELECT`. Pure; runs in crossing workers. Facts: sqlite.org/fileformat2.html, sections 1.3 (header),
// 1.6 (b-tree pages), 2.1 (record format).
//
//   page 1   header, and the schema table's one row
//   page 2   the root of the table: its only leaf, or the topmost interior page
//   page 3…  leaves and overflow pages as the rows come, then interior pages
import type { Batch } from '../../../batch/batch.ts';
import { type ImagePayload, type ImageTable, releaseBuffers } from '../../../batch/chunk.ts';
import { type CellLayout, layoutCells } from './cell-layout.ts';
import { cellValues, rowidsOf } from './cell-values.ts';
import { writeCells } from './cell-write.ts';
import {
  FIRST_FREE_PAGE,
  interiorLevels,
  ROOT_PAGE,
  writeFirstPage,
  writeInteriors,
  writePageHeader,
  writeUint16,
} from './image-file.ts';
import { LEAF_HEADER_BYTES, TABLE_LEAF } from './record.ts';
import { keepsValues } from './verbatim.ts';

/** Large pages, so that few rows overflow and the tree is flat. */
export const IMAGE_PAGE_BYTES = 32768;
/** The table in an image that is not verbatim. */
export const IMAGE_TABLE = 'rows';
/** More would not fit into the schema's page. */
export const IMAGE_COLUMNS_MAX = 2000;
/** A longer CREATE TABLE is not put into an image. */
export const IMAGE_SQL_BYTES_MAX = 24 * 1024;

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
  const interiors = interiorLevels(leaves, IMAGE_PAGE_BYTES);
  const interiorPages = interiors.reduce((sum, level) => sum + level, 0);
  // The root, be it leaf or interior, has the page that the schema names.
  const pages = ROOT_PAGE - 1 + leaves + interiorPages + layout.overflowPages;
  const bytes = new Uint8Array(pages * IMAGE_PAGE_BYTES);
  const places = placePages(layout, leaves);
  writeCells(bytes, columns, layout, places, IMAGE_PAGE_BYTES);
  writeLeaves(bytes, layout, places);
  const image = { bytes, pageBytes: IMAGE_PAGE_BYTES, usableBytes: IMAGE_PAGE_BYTES };
  const keys = Float64Array.from(layout.leafEnds, (end) => (rowids === null ? end : rowids[end - 1]));
  writeInteriors(image, interiors, places.leafPages, keys, places.free);
  if (verbatim) writeFirstPage(image, table.name, table.sql);
  else writeFirstPage(image, IMAGE_TABLE, untypedTable(columns.length));
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
      writeUint16(bytes, pointer, cellAt[row]);
    }
  }
}
