// Which commands share options. Pure.
import { COMMANDS } from './option-spec.ts';

export const EVERY = COMMANDS;
export const RUNS = ['migrate', 'plan'] as const;
export const SCHEMAS = [...RUNS, 'schema compare', 'schema script'] as const;
export const COMPARES = ['verify', 'repair'] as const;
/** Commands that read whole tables of the source. */
export const READS = [...RUNS, 'sync', ...COMPARES] as const;
/** Commands that put rows into the target. */
export const MOVES = [...RUNS, 'sync', 'repair', 'resume', 'retry-rejects'] as const;
export const MANY_TABLES = [...SCHEMAS, 'sync', ...COMPARES, 'doctor'] as const;
