// SQLite's codec: leaf pages or columns in, images or columns out; what is columns on both sides is only checked. Pure; runs
// in crossing workers.
import type { Batch, Field } from '../../../batch/batch.ts';
import type { ChunkPayload, TargetForm } from '../../../batch/chunk.ts';
import { checkColumn, columnBytes } from '../../../batch/column.ts';
import type { Digest } from '../../../digest/digest.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import type { Probe } from '../../../types/evidence.ts';
import { sameType, typeName } from '../../../types/logical-type.ts';
import type { BadCell, Codec } from '../../dialect.ts';
import { copyPages } from './page-copy.ts';
import { decodePages } from './page-decode.ts';
import { digestPages } from './page-digest.ts';
import { encodeImage } from './page-encode.ts';
import { findingsOf } from './page-evidence.ts';

const IMAGE_BYTES_MAX = 16 * 1024 * 1024;

export const sqliteCodec: Codec = {
  decode(
    payload: ChunkPayload,
    rowCount: number,
    fields: readonly Field[],
    onBad?: (cell: BadCell) => void,
  ): Batch {
    if (payload.form === 'pages') return decodePages(payload, rowCount, fields, onBad);
    if (payload.form !== 'columns') {
      throw new FerrowError('E_INTERNAL', `a SQLite chunk has the form columns, not ${payload.form}`);
    }
    const { columns } = payload;
    if (columns.length !== fields.length) {
      throw new FerrowError('E_CORRUPT', `a chunk has ${columns.length} columns instead of ${fields.length}`);
    }
    columns.forEach((column, at) => {
      const { name, type } = fields[at];
      if (column.length !== rowCount || !sameType(column.type, type)) {
        const found = `${column.length} values of ${typeName(column.type)}`;
        throw new FerrowError('E_CORRUPT', `column ${name}: ${found}, not ${rowCount} of ${typeName(type)}`, {
          column: name,
        });
      }
      checkColumn(column, name);
    });
    return { fields, columns, rowCount };
  },

  look(payload: ChunkPayload, rowCount: number, probes: readonly (readonly Probe[])[]): unknown {
    if (payload.form !== 'pages')
      throw new FerrowError('E_INTERNAL', `pages are looked into, not ${payload.form}`);
    return findingsOf(payload, rowCount, probes);
  },

  encode(batch: Batch, form?: TargetForm): ChunkPayload {
    // Large values are bound one by one: an image would hold them twice more.
    const large = batch.columns.reduce((sum, column) => sum + columnBytes(column), 0) > IMAGE_BYTES_MAX;
    const images = typeof form === 'object' && form.form === 'image';
    if (images && !large && batch.rowCount > 0) return encodeImage(batch, form.table);
    return { form: 'columns', columns: batch.columns };
  },

  carry(payload, rowCount, fields, form): ChunkPayload | null {
    if (payload.form !== 'pages' || typeof form !== 'object' || form.table === null) return null;
    if (payload.bytes.byteLength > IMAGE_BYTES_MAX) return null;
    return copyPages(payload, rowCount, fields, form.table);
  },

  digestRows(payload, rowCount, fields, columns): Digest | null {
    return payload.form === 'pages' ? digestPages(payload, rowCount, fields, columns) : null;
  },
};
