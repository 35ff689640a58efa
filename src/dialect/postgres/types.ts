// PostgreSQL's types and the canonical ones: reading here, making and writing there. Pure.
import type { TypeMap } from '../dialect.ts';
import { create, write } from './create-types.ts';
import { probes, read } from './read-types.ts';

export const postgresTypes: TypeMap = { probes, read, create, write };
