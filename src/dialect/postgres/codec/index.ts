// The PostgreSQL codec: binary COPY rows <-> columns. Pure; loads no driver.
import type { Batch, Field } from '../../../batch/batch.ts';
import type { ChunkPayload } from '../../../batch/chunk.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import type { Codec } from '../../dialect.ts';
import { decodeCopy } from './copy-decode.ts';
import { encodeCopy } from './copy-encode.ts';

export const postgresCodec: Codec = {
  decode(payload: ChunkPayload, rowCount: number, fields: readonly Field[]): Batch {
    if (payload.form !== 'copy')
      throw new FerrowError('E_INTERNAL', `the PostgreSQL codec was given a chunk of form ${payload.form}`);
    return decodeCopy(payload.bytes, rowCount, fields);
  },
  encode(batch: Batch): ChunkPayload {
    return { form: 'copy', bytes: encodeCopy(batch) };
  },
};
