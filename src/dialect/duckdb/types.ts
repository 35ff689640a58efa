// How DuckDB's column types meet the canonical ones. Pure.
import type { TypeMap } from '../dialect.ts';
import { create } from './create-types.ts';
import { probes, read, write } from './read-types.ts';

export { stagingType } from './staged-columns.ts';
export { ANY_TYPE, nativeOf, wireOf } from './wire-types.ts';

export const types: TypeMap = { probes, read, create, write };
