// THE list of codecs, for crossing workers: engine -> pure codec. Loads no driver and no native addon.
import type { Engine } from '../types/logical-type.ts';
import type { Codec } from './dialect.ts';
import { duckdbCodec } from './duckdb/codec/index.ts';
import { postgresCodec } from './postgres/codec/index.ts';
import { sqliteCodec } from './sqlite/codec/index.ts';

export const CODECS: Readonly<Record<Engine, Codec>> = {
  postgres: postgresCodec,
  sqlite: sqliteCodec,
  duckdb: duckdbCodec,
};
