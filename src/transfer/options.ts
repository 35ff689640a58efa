// Limits, defaults and validation of what a run may be told. The CLI, the config file, the environment and
// the library all end here; config.schema.json is printed from it.
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { FerrowError } from '../errors/ferrow-error.ts';
import { parsePolicies } from '../types/policy.ts';
import { BATCH_ROWS_MAX } from './limits.ts';

const globs = z.array(z.string().min(1));
const durationSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'must be a number and a unit, as in 90s, 15m, 2h, 1d');
const maxRejectsSchema = z
  .string()
  .regex(/^(\d+|\d+(\.\d+)?%)$/, 'must be a number of rows or a percentage, as in 100 or 0.5%')
  .refine((value) => !value.endsWith('%') || Number.parseFloat(value) <= 100, 'must be 100% at most');

export const tableOptionsSchema = z.strictObject({
  where: z.string().min(1).optional().describe('SQL condition in the source’s dialect'),
  columns: z.array(z.string().min(1)).min(1).optional().describe('only these columns, in this order'),
  rename: z.string().min(1).optional().describe('name in the target'),
  batchSize: z.int().min(1).max(BATCH_ROWS_MAX).optional().describe('rows in a batch'),
  ifExists: z.enum(['fail', 'replace', 'append']).optional(),
  watermark: z.string().min(1).optional().describe('incremental: the column that grows'),
  lastMigrated: z
    .string()
    .min(1)
    .optional()
    .describe('incremental: where to begin in a table that stands and was never synced'),
  allow: z.array(z.string()).optional().describe('KEY=POLICY for every column of the table'),
  columnOptions: z
    .record(z.string(), z.strictObject({ allow: z.array(z.string()).optional().describe('KEY=POLICY') }))
    .optional()
    .describe('per column'),
});

export const transferOptionsSchema = z.strictObject({
  tables: globs.default([]).describe('which tables (globs); all if empty'),
  exclude: globs.default([]).describe('which tables not (globs)'),
  schema: z.array(z.string().min(1)).default([]).describe("schemas to read; '*' for all"),
  ifExists: z
    .enum(['fail', 'replace', 'append'])
    .default('fail')
    .describe('what to do with a table that exists'),
  where: z.string().min(1).optional().describe('SQL condition in the source’s dialect; one table only'),
  columns: z.array(z.string().min(1)).min(1).optional().describe('only these columns; one table only'),
  rename: z.record(z.string(), z.string()).default({}).describe('source name to target name'),
  batchSize: z.int().min(1).max(BATCH_ROWS_MAX).optional().describe('rows in a batch'),
  workers: z
    .int()
    .min(1)
    .max(256)
    .default(Math.max(1, availableParallelism() - 1))
    .describe('worker threads'),
  connections: z.int().min(1).max(64).default(2).describe('connections to a server, each side'),
  strategy: z
    .enum(['direct', 'transactional', 'blue-green', 'incremental'])
    .default('direct')
    .describe('how rows get under the name of their table'),
  watermark: z.string().min(1).optional().describe('incremental: the column that grows, a time or a number'),
  lookback: durationSchema
    .optional()
    .describe('incremental: look so far behind the watermark, as in 90s, 15m, 2h, 1d'),
  deletes: z.boolean().default(false).describe('incremental: delete rows that the source no longer has'),
  onConflict: z
    .enum(['error', 'skip', 'update'])
    .default('error')
    .describe('append: a row whose primary key the target has already'),
  onError: z.enum(['fail', 'skip']).default('fail').describe('a row that the target can’t hold'),
  rejects: z.string().min(1).optional().describe('file for rejected rows, a line of JSON for each'),
  maxRejects: maxRejectsSchema
    .optional()
    .describe('fail a table when more rows are rejected, as in 100 or 0.5%'),
  quarantine: z.boolean().default(false).describe('keep rejected rows in the target too'),
  retryDelay: z
    .int()
    .min(0)
    .max(60_000)
    .optional()
    .describe('milliseconds before the first of them; doubled for each that follows'),
  retries: z.int().min(0).max(100).default(3).describe('attempts after a transient fault'),
  silence: z
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe(
      'PostgreSQL: seconds without an answer after which the server is asked, over another connection, whether it works on one',
    ),
  maxDifferences: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(100)
    .describe('rows of a table that are shown with what differs'),
  verify: z
    .enum(['none', 'count', 'sample', 'full'])
    .default('count')
    .describe('what to compare after each table'),
  allow: z.array(z.string()).default([]).describe('KEY=POLICY: lossy mappings to accept'),
  keepGoing: z
    .boolean()
    .default(false)
    .describe('carry the tables that can be carried when others are refused'),
  restoreTypes: z
    .boolean()
    .default(true)
    .describe(
      'give columns that come home the type they had there; false: as if they came for the first time',
    ),
  materializedViews: z
    .enum(['view', 'table'])
    .default('view')
    .describe('carry materialised views as views, or their rows as tables'),
  indexes: z.boolean().default(true).describe('carry indexes'),
  foreignKeys: z.boolean().default(true).describe('carry foreign keys'),
  schemaOnly: z.boolean().default(false).describe('make tables, move no rows'),
  dataOnly: z.boolean().default(false).describe('move rows into tables that exist'),
  plainIo: z.boolean().default(false).describe('without the fast ways that lean on file and vector layouts'),
  unlogged: z
    .boolean()
    .default(false)
    .describe('PostgreSQL: make unlogged tables, faster to load and empty after a crash of the server'),
  dryRun: z.boolean().default(false).describe('analyse only'),
  tableOptions: z.record(z.string(), tableOptionsSchema).default({}).describe('options for single tables'),
});

export type TableOptions = z.infer<typeof tableOptionsSchema>;
export type TransferOptions = z.infer<typeof transferOptionsSchema>;
/** What a caller may leave out. */
export type TransferOptionsInput = z.input<typeof transferOptionsSchema>;

/**
 * Fills defaults and checks every value; for a command also whether it has a use for all that is given.
 * @throws FerrowError E_USAGE that names each option that is wrong
 */
export function parseOptions(options: TransferOptionsInput, command?: string): TransferOptions {
  const parsed = transferOptionsSchema.safeParse(options);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'options'}: ${message}`,
    );
    throw new FerrowError('E_USAGE', `wrong options: ${problems.join('; ')}`);
  }
  refuseContradictions(parsed.data, command);
  return parsed.data;
}

/** @throws FerrowError E_USAGE for options that contradict each other, or of which one is of no use without another */
export function refuseContradictions(options: TransferOptions, command?: string): void {
  if (options.schemaOnly && options.dataOnly) {
    throw new FerrowError('E_USAGE', '--schema-only and --data-only exclude each other', {
      hint: 'use one of them',
    });
  }
  refuseOddStrategies(options);
  if (command !== undefined && MAY_LEAVE_OUT.has(command)) refuseIdleRejects(options);
  parsePolicies(options.allow);
}

/** @throws FerrowError E_USAGE for a strategy that contradicts what else is asked for */
function refuseOddStrategies({ strategy, ifExists, dataOnly, tableOptions }: TransferOptions): void {
  if (strategy !== 'blue-green') return;
  const appends = [ifExists, ...Object.values(tableOptions).map((table) => table.ifExists)].includes(
    'append',
  );
  if (!appends && !dataOnly) return;
  const other = dataOnly ? '--data-only' : '--if-exists append';
  throw new FerrowError('E_USAGE', `--strategy blue-green and ${other} exclude each other`, {
    hint: 'blue-green makes whole tables and swaps them in; to add rows to tables that stand, leave --strategy out',
  });
}

/** Commands that are told by --on-error whether they do; others keep to what a run was told. */
const MAY_LEAVE_OUT = new Set(['migrate', 'plan', 'sync']);

/** @throws FerrowError E_USAGE for options about rejected rows where no row can be */
function refuseIdleRejects({ onError, rejects, maxRejects, quarantine }: TransferOptions): void {
  if (onError === 'skip') return;
  const given = {
    '--rejects': rejects,
    '--max-rejects': maxRejects,
    '--quarantine': quarantine || undefined,
  };
  const idle = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (idle === undefined) return;
  throw new FerrowError('E_USAGE', `${idle} is of no use without --on-error skip`, {
    hint: `add --on-error skip to leave rows out that the target can not hold, or leave ${idle} out`,
  });
}
