// The PostgreSQL codec: binary COPY rows <-> columns. Pure; loads no driver.
import type { Batch, Field } from '../../../batch/batch.ts';
import type { ChunkPayload } from '../../../batch/chunk.ts';
import type { Digest, DigestColumn } from '../../../digest/digest.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import type { BadCell, Codec } from '../../dialect.ts';
import { decodeCopy } from './copy-decode.ts';
import { digestCopy } from './copy-digest.ts';
import { encodeCopy } from './copy-encode.ts';
import { endOfRows } from './row-cut.ts';

export const postgresCodec: Codec = {
  decode(
    payload: ChunkPayload,
    rowCount: number,
    fields: readonly Field[],
    onBad?: (cell: BadCell) => void,
  ): Batch {
    return decodeCopy(copyBytes(payload), rowCount, fields, onBad);
  },
  encode(batch: Batch): ChunkPayload {
    return { form: 'copy', bytes: encodeCopy(batch) };
  },
  dropRows(payload: ChunkPayload, count: number): ChunkPayload {
    const bytes = copyBytes(payload);
    return { form: 'copy', bytes: bytes.slice(endOfRows(bytes, count)) };
  },
  digestCells(payload: ChunkPayload, rowCount: number, columns: readonly DigestColumn[]): Digest {
    return digestCopy(copyBytes(payload), rowCount, columns);
  },
};

function copyBytes(payload: ChunkPayload): Uint8Array {
  if (payload.form === 'copy') return payload.bytes;
  throw new FerrowError('E_INTERNAL', `the PostgreSQL codec was given a chunk of form ${payload.form}`);
}
