// SQLite's codec: the engine thread gives and takes columns, so decoding and encoding only check. Pure; runs
// in crossing workers.
import type { Batch, Field } from '../../../batch/batch.ts';
import type { ChunkPayload } from '../../../batch/chunk.ts';
import { checkColumn } from '../../../batch/column.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { sameType, typeName } from '../../../types/logical-type.ts';
import type { Codec } from '../../dialect.ts';

export const sqliteCodec: Codec = {
  decode(payload: ChunkPayload, rowCount: number, fields: readonly Field[]): Batch {
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

  encode(batch: Batch): ChunkPayload {
    return { form: 'columns', columns: batch.columns };
  },
};
