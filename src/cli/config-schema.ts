// The shape of a configuration file, from which config.schema.json is printed. Pure.
// Made from the options of the library, so that a new option is at once an option of the file.
import { z } from 'zod';
import { type TransferOptionsInput, tableOptionsSchema, transferOptionsSchema } from '../transfer/options.ts';

/** What a configuration file may hold; all of it optional. */
export interface FileConfig extends TransferOptionsInput {
  readonly source?: string;
  readonly target?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly metricsPort?: number;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

/** Options without their defaults: what the file leaves out must stay out, so that defaults come last. */
function withoutDefaults(): Record<string, z.ZodType> {
  const fields: Record<string, z.ZodType> = {};
  for (const [key, field] of Object.entries(transferOptionsSchema.shape)) {
    const inner = (field instanceof z.ZodDefault ? field.unwrap() : field) as z.ZodType;
    const described = field.description === undefined ? inner : inner.describe(field.description);
    fields[key] = described.optional();
  }
  return fields;
}

const perTable = z
  .record(z.string(), tableOptionsSchema.nullable())
  .describe('options for single tables, by the name of the table in the source');

const shape: Record<string, z.ZodType> = {
  source: z
    .string()
    .min(1)
    .optional()
    .describe(`URL or path of the database to read; \${VAR} is taken from the environment`),
  target: z
    .string()
    .min(1)
    .optional()
    .describe(`URL or path of the database to write; \${VAR} is taken from the environment`),
  ...withoutDefaults(),
  tableOptions: perTable.optional(),
  output: z
    .string()
    .min(1)
    .optional()
    .describe('schema script: write the DDL to this file; tune: write a report in HTML'),
  json: z.boolean().optional().describe('one JSON document on stdout at the end'),
  metricsPort: z.int().min(0).max(65535).optional().describe('serve metrics on 127.0.0.1; 0: any free port'),
  quiet: z.boolean().optional().describe('only warnings and errors'),
  verbose: z.boolean().optional().describe('phases, DDL in plans, stack traces'),
  color: z.boolean().optional().describe('false: no colours'),
};

/** Files whose `tables` is a list of globs, or absent. */
export const listedTablesSchema = z.strictObject(shape);

/** Files whose `tables` is a map of options for single tables. */
export const mappedTablesSchema = z.strictObject({ ...shape, tables: perTable });

export const CONFIG_KEYS: readonly string[] = Object.keys(shape);
export const TABLE_KEYS: readonly string[] = Object.keys(tableOptionsSchema.shape);

/** The JSON Schema of configuration files, for editors and for checking files elsewhere. */
export function configJsonSchema(): Record<string, unknown> {
  const tables = z
    .union([z.array(z.string().min(1)), perTable])
    .optional()
    .describe('a list of names or globs: only these tables; or a map of options for single tables');
  const document = z.toJSONSchema(z.strictObject({ ...shape, tables }), {
    target: 'draft-2020-12',
    io: 'input',
  }) as Record<string, unknown>;
  return {
    ...document,
    title: 'Ferrow configuration',
    description: 'Options of the ferrow command in a file: ferrow migrate --config FILE',
  };
}
