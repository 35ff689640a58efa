// Command line, environment, file and defaults -> one request. Main thread; reads the configuration file and
// nothing else. What stands on the command line beats the environment, that beats the file, that the defaults;
// a value replaces the whole value below it (lists are not joined).
import { FerrowError } from '../errors/ferrow-error.ts';
import { BUDGET_SECONDS } from '../transfer/limits.ts';
import { refuseContradictions, type TransferOptions, transferOptionsSchema } from '../transfer/options.ts';
import { expandVariables } from '../transfer/url-variables.ts';
import type { Invocation } from './args.ts';
import type { FileConfig } from './config-schema.ts';
import { CLI_KEYS, OPTIONS, optionsOf } from './option-list.ts';
import { type CommandName, envOf, flagOf, isLedgerCommand, type OptionValue } from './option-spec.ts';
import { parseOptionValue } from './option-values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** False only where the user said so; whether a stream takes colours is another question. */
  readonly color: boolean;
  readonly metricsPort: number | null;
  /** File for the DDL of `schema script`, or null for stdout; for the report of `tune`, `verify`, `repair`, or null for none. */
  readonly outputFile: string | null;
}

/** What only `tune` is told. */
export interface TuneOptions {
  readonly table: string | null;
  readonly budgetSeconds: number;
  /** Configuration file to put the recommendation into. */
  readonly writeFile: string | null;
}

export interface CliRequest {
  readonly command: CommandName;
  /** URLs, variables expanded, with their passwords. */
  /** Of a command that goes by the ledger only where it was named: the ledger knows it. */
  readonly source: string | null;
  readonly target: string;
  /** The run that a command is about, by its id or the first characters of it; null for the last. */
  readonly run: string | null;
  readonly options: TransferOptions;
  readonly output: OutputOptions;
  readonly tune: TuneOptions;
  /** `runs --clean`: a run, `all`, or null for none. */
  readonly clean: string | null;
}

/** Told every URL and password before anything else happens to it, so that no error can show it. */
export type LearnUrl = (url: string) => void;

type CommandInvocation = Extract<Invocation, { kind: 'command' }>;

/** @throws FerrowError of kind usage */
export async function makeRequest(
  invocation: CommandInvocation,
  env: Environment,
  learnUrl: LearnUrl,
): Promise<CliRequest> {
  const { command, given } = invocation;
  const values = new Map<string, OptionValue>();
  for (const spec of optionsOf(command)) {
    const texts = given.get(spec.key);
    const twin = env[envOf(spec)];
    if (texts !== undefined) values.set(spec.key, parseOptionValue(spec, flagOf(spec), texts));
    else if (twin !== undefined && twin !== '')
      values.set(spec.key, parseOptionValue(spec, envOf(spec), [twin]));
  }
  const configFile = values.get('config') as string | undefined;
  const file: FileConfig = configFile === undefined ? {} : await readFile(configFile);
  for (const url of [file.source, file.target]) if (url !== undefined) learnUrl(url);
  for (const spec of optionsOf(command)) {
    const value = (file as Readonly<Record<string, OptionValue | undefined>>)[spec.key];
    if (!spec.notInFile && !values.has(spec.key) && value !== undefined) values.set(spec.key, value);
  }
  const expand = (url: string, which: 'source' | 'target') => {
    const expanded = expandVariables(url, env, which);
    learnUrl(expanded);
    return expanded;
  };
  const named = isLedgerCommand(command)
    ? ledgerOf(invocation, env, file, values.get('source') as string | undefined)
    : databasesOf(invocation, env, file);
  const source = named[0] === null ? null : expand(named[0], 'source');
  const target = expand(named[1], 'target');
  const output: OutputOptions = {
    json: values.get('json') === true,
    quiet: values.get('quiet') === true,
    verbose: values.get('verbose') === true,
    color: values.get('color') !== false && !env['NO_COLOR'],
    metricsPort: (values.get('metricsPort') as number | undefined) ?? null,
    outputFile: (values.get('output') as string | undefined) ?? null,
  };
  const tune: TuneOptions = {
    table: (values.get('table') as string | undefined) ?? null,
    budgetSeconds: (values.get('budget') as number | undefined) ?? BUDGET_SECONDS,
    writeFile: (values.get('write') as string | undefined) ?? null,
  };
  if (output.quiet && output.verbose) {
    throw new FerrowError('E_USAGE', '--quiet and --verbose contradict each other', {
      hint: 'keep one of the two',
    });
  }
  const clean = (values.get('clean') as string | undefined) ?? null;
  const options = engineOptions(command, values, file);
  return { command, source, target, run: invocation.run, options, output, tune, clean };
}

/** Loaded only on request: YAML's parser is a tenth of the start. */
async function readFile(path: string): Promise<FileConfig> {
  const { readConfigFile } = await import('./config-file.ts');
  return readConfigFile(path);
}

function engineOptions(
  command: CommandName,
  values: ReadonlyMap<string, OptionValue>,
  file: FileConfig,
): TransferOptions {
  const input: Record<string, unknown> = { tableOptions: file.tableOptions };
  for (const [key, value] of values) if (!CLI_KEYS.has(key)) input[key] = value;
  if (command === 'plan') input['dryRun'] = true;
  if (command === 'sync') input['strategy'] = 'incremental';
  if (command === 'verify' || command === 'repair') input['verify'] ??= 'full';
  const parsed = transferOptionsSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const spec = OPTIONS.find((each) => each.key === issue.path[0]);
    throw new FerrowError('E_USAGE', `${spec ? flagOf(spec) : issue.path.join('.')}: ${issue.message}`);
  }
  const options = parsed.data;
  refuseContradictions(options, command);
  return options;
}

/** The target, and the source where it is named again; the ledger knows it. */
function ledgerOf(
  { command, databases }: CommandInvocation,
  env: Environment,
  file: FileConfig,
  named: string | undefined,
): [string | null, string] {
  const target = databases[0] ?? (env['FERROW_TARGET_URL'] || file.target);
  if (target === undefined || target.trim() === '') {
    throw new FerrowError('E_USAGE', 'TARGET is missing', {
      hint: `as in ferrow ${command} postgres://me@localhost/app; FERROW_TARGET_URL or a configuration file can stand in`,
    });
  }
  return [named ?? file.source ?? null, target];
}

/**
 * Two arguments are source and target. None: both come from the environment or the file. One: it is the one
 * that environment and file leave open; where they leave none or both open, it can't be told, and is an error.
 */
function databasesOf(
  { command, databases }: CommandInvocation,
  env: Environment,
  file: FileConfig,
): [string, string] {
  if (databases.some((url) => url.trim() === '')) {
    throw new FerrowError('E_USAGE', 'a database is named by an empty argument', {
      hint: 'is a shell variable unset?',
    });
  }
  if (databases.length === 2) return [databases[0], databases[1]];
  const source = env['FERROW_SOURCE_URL'] || file.source;
  const target = env['FERROW_TARGET_URL'] || file.target;
  const hint = `as in ferrow ${command} app.db postgres://me@localhost/app; FERROW_SOURCE_URL, FERROW_TARGET_URL or a configuration file can stand in`;
  if (databases.length === 1) {
    if (source !== undefined && target === undefined) return [source, databases[0]];
    if (source === undefined && target !== undefined) return [databases[0], target];
    if (source !== undefined && target !== undefined) {
      throw new FerrowError('E_USAGE', 'one database is named, but the environment or the file name both', {
        hint: 'name SOURCE and TARGET, or neither',
      });
    }
    throw new FerrowError('E_USAGE', 'TARGET is missing: only one database is named', { hint });
  }
  if (source === undefined || target === undefined) {
    const missing = [
      ...(source === undefined ? ['SOURCE'] : []),
      ...(target === undefined ? ['TARGET'] : []),
    ].join(' and ');
    throw new FerrowError('E_USAGE', `${missing} ${missing.includes(' ') ? 'are' : 'is'} missing`, { hint });
  }
  return [source, target];
}
