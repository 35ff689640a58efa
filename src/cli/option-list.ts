// THE list of options: name, argument, what is allowed, which commands know it. Flags, environment twins,
// help texts, docs/cli.md and the checks of values are all made from it. Main thread; pure.
import { BATCH_ROWS_MAX } from '../transfer/options.ts';

export const COMMANDS = ['migrate', 'plan', 'schema compare', 'schema script', 'doctor', 'tune'] as const;
export type CommandName = (typeof COMMANDS)[number];

export type OptionValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

interface Described {
  /** In camelCase: the key of the config file, and of the library where it has the option. */
  readonly key: string;
  /** Where the flag says the opposite of the key: `--no-indexes` is `indexes: false`. */
  readonly negated?: true;
  readonly group: 'What is moved' | 'How it is moved' | 'What is accepted' | 'Output';
  readonly describe: string;
  /** A configuration file doesn't have it. */
  readonly notInFile?: true;
  readonly commands: readonly CommandName[];
}

export type OptionSpec = Described &
  (
    | { readonly kind: 'flag' }
    | { readonly kind: 'text'; readonly argument: string }
    | { readonly kind: 'list'; readonly argument: string }
    | { readonly kind: 'pairs'; readonly argument: string }
    | { readonly kind: 'choice'; readonly argument: string; readonly choices: readonly string[] }
    | { readonly kind: 'integer'; readonly argument: string; readonly min: number; readonly max: number }
  );

const RUNS = ['migrate', 'plan'] as const;
const SCHEMAS = [...RUNS, 'schema compare', 'schema script'] as const;
const MANY_TABLES = [...SCHEMAS, 'doctor'] as const;

export const OPTIONS: readonly OptionSpec[] = [
  {
    key: 'tables',
    kind: 'list',
    argument: 'GLOBS',
    group: 'What is moved',
    describe: 'only these tables and views: names or globs, as in a,b*',
    commands: MANY_TABLES,
  },
  {
    key: 'table',
    kind: 'text',
    argument: 'NAME',
    group: 'What is moved',
    describe: 'the table to take the sample from (default: the largest)',
    notInFile: true,
    commands: ['tune'],
  },
  {
    key: 'exclude',
    kind: 'list',
    argument: 'GLOBS',
    group: 'What is moved',
    describe: 'all tables and views but these',
    commands: MANY_TABLES,
  },
  {
    key: 'schema',
    kind: 'list',
    argument: 'NAMES',
    group: 'What is moved',
    describe: "schemas to read, '*' for all; without it public (PostgreSQL) or main (DuckDB)",
    commands: COMMANDS,
  },
  {
    key: 'where',
    kind: 'text',
    argument: 'SQL',
    group: 'What is moved',
    describe: 'only rows that meet this condition in the source’s SQL; for one table',
    commands: RUNS,
  },
  {
    key: 'columns',
    kind: 'list',
    argument: 'NAMES',
    group: 'What is moved',
    describe: 'only these columns; for one table',
    commands: SCHEMAS,
  },
  {
    key: 'rename',
    kind: 'pairs',
    argument: 'OLD=NEW',
    group: 'What is moved',
    describe: 'give a table or view another name in the target',
    commands: SCHEMAS,
  },
  {
    key: 'schemaOnly',
    kind: 'flag',
    group: 'What is moved',
    describe: 'make the tables, move no rows',
    commands: RUNS,
  },
  {
    key: 'dataOnly',
    kind: 'flag',
    group: 'What is moved',
    describe: 'move rows into tables that exist, make none',
    commands: RUNS,
  },
  {
    key: 'indexes',
    negated: true,
    kind: 'flag',
    group: 'What is moved',
    describe: 'leave indexes out',
    commands: SCHEMAS,
  },
  {
    key: 'foreignKeys',
    negated: true,
    kind: 'flag',
    group: 'What is moved',
    describe: 'leave foreign keys out',
    commands: SCHEMAS,
  },
  {
    key: 'materializedViews',
    kind: 'choice',
    argument: 'WHAT',
    choices: ['view', 'table'],
    group: 'What is moved',
    describe: 'carry materialised views as views, or their rows as tables (default: view)',
    commands: SCHEMAS,
  },
  {
    key: 'restoreTypes',
    negated: true,
    kind: 'flag',
    group: 'How it is moved',
    describe: 'do not give columns that come home the type they had there before',
    commands: [...SCHEMAS, 'tune'],
  },
  {
    key: 'ifExists',
    kind: 'choice',
    argument: 'WHAT',
    choices: ['fail', 'replace', 'append'],
    group: 'How it is moved',
    describe: 'what to do with a table that the target already has (default: fail)',
    commands: RUNS,
  },
  {
    key: 'batchSize',
    kind: 'integer',
    argument: 'ROWS',
    min: 1,
    max: BATCH_ROWS_MAX,
    group: 'How it is moved',
    describe: 'rows in a batch; without it, chosen for the engines and the width of a row',
    commands: RUNS,
  },
  {
    key: 'workers',
    kind: 'integer',
    argument: 'N',
    min: 1,
    max: 256,
    group: 'How it is moved',
    describe: 'worker threads (default: one less than the cores)',
    commands: RUNS,
  },
  {
    key: 'connections',
    kind: 'integer',
    argument: 'N',
    min: 1,
    max: 64,
    group: 'How it is moved',
    describe: 'connections to a server, on each side (default: 2)',
    commands: [...RUNS, 'doctor'],
  },
  {
    key: 'plainIo',
    kind: 'flag',
    group: 'How it is moved',
    describe: 'without the fast ways that lean on file and vector layouts',
    commands: [...RUNS, 'tune'],
  },
  {
    key: 'dryRun',
    kind: 'flag',
    group: 'How it is moved',
    describe: 'analyse only, write nothing (what plan does)',
    commands: RUNS,
  },
  {
    key: 'config',
    kind: 'text',
    argument: 'FILE',
    group: 'How it is moved',
    describe: 'read these options, and options for single tables, from YAML or JSON',
    notInFile: true,
    commands: COMMANDS,
  },
  {
    key: 'budget',
    kind: 'integer',
    argument: 'SECONDS',
    min: 5,
    max: 3600,
    group: 'How it is moved',
    describe: 'how long to measure (default: 60)',
    notInFile: true,
    commands: ['tune'],
  },
  {
    key: 'verify',
    kind: 'choice',
    argument: 'LEVEL',
    choices: ['none', 'count'],
    group: 'What is accepted',
    describe: 'what to compare after each table (default: count)',
    commands: RUNS,
  },
  {
    key: 'allow',
    kind: 'list',
    argument: 'KEY=POLICY',
    group: 'What is accepted',
    describe: 'accept a lossy mapping by name, as in nan=null; every use is counted in the report',
    commands: [...SCHEMAS, 'tune'],
  },
  {
    key: 'keepGoing',
    kind: 'flag',
    group: 'What is accepted',
    describe: 'move the tables that can be carried even when others are refused',
    commands: RUNS,
  },
  {
    key: 'output',
    kind: 'text',
    argument: 'FILE',
    group: 'Output',
    describe:
      'schema script: the DDL goes to this file instead of stdout; tune: a report in HTML, with a chart',
    commands: ['schema script', 'tune'],
  },
  {
    key: 'write',
    kind: 'text',
    argument: 'FILE',
    group: 'Output',
    describe: 'put what is recommended into this configuration file; the rest of it stays as it is',
    notInFile: true,
    commands: ['tune'],
  },
  {
    key: 'json',
    kind: 'flag',
    group: 'Output',
    describe: 'one JSON document on stdout at the end, in failure too',
    commands: COMMANDS,
  },
  {
    key: 'metricsPort',
    kind: 'integer',
    argument: 'N',
    min: 0,
    max: 65535,
    group: 'Output',
    describe: 'while running, serve /metrics, /status and / on 127.0.0.1 (0: any free port)',
    commands: RUNS,
  },
  {
    key: 'quiet',
    kind: 'flag',
    group: 'Output',
    describe: 'no progress and no report, only warnings and errors',
    commands: COMMANDS,
  },
  {
    key: 'verbose',
    kind: 'flag',
    group: 'Output',
    describe: 'more: phases, DDL in plans, stack traces',
    commands: COMMANDS,
  },
  {
    key: 'color',
    negated: true,
    kind: 'flag',
    group: 'Output',
    describe: 'no colours (NO_COLOR does the same)',
    commands: COMMANDS,
  },
];

/** Keys that the CLI itself obeys; all others go to the engine. */
export const CLI_KEYS: ReadonlySet<string> = new Set([
  'config',
  'table',
  'budget',
  'output',
  'write',
  'json',
  'metricsPort',
  'quiet',
  'verbose',
  'color',
]);

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `--batch-size`, `--no-indexes`. */
export function flagOf(spec: OptionSpec): string {
  return `--${spec.negated ? 'no-' : ''}${kebab(spec.key)}`;
}

/** `FERROW_BATCH_SIZE`, `FERROW_NO_INDEXES`. */
export function envOf(spec: OptionSpec): string {
  return `FERROW_${flagOf(spec).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

export function optionsOf(command: CommandName): OptionSpec[] {
  return OPTIONS.filter((spec) => spec.commands.includes(command));
}
