// PostgreSQL's types and the canonical ones: reading here, making and writing there. Pure.
import type { TypeMap } from '../dialect.ts';
import { create } from './create-types.ts';
import { probes, read } from './read-types.ts';
import { write } from './write-types.ts';

export const postgresTypes: TypeMap = { probes, read, create, write };
