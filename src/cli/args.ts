// argv -> what the user asked for, as text; and the help texts. Main thread; reads no environment, opens nothing.
// Values are not looked into here: request.ts does that for command line, environment and file alike.
import { Command, CommanderError, Option } from 'commander';
import { FerrowError } from '../errors/ferrow-error.ts';
import { EXAMPLES, EXIT_STATUS_HELP, SUMMARIES, URL_HELP } from './help-texts.ts';
import { didYouMean } from './nearest.ts';
import { OPTIONS, optionsOf } from './option-list.ts';
import {
  argumentsOf,
  COMMANDS,
  type CommandName,
  envOf,
  flagOf,
  isLedgerCommand,
  type OptionSpec,
} from './option-spec.ts';

export type Invocation =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly command: CommandName;
      /** SOURCE and TARGET; of a command that goes by the ledger TARGET alone. */
      readonly databases: readonly string[];
      /** The run that a command is about, where it was named. */
      readonly run: string | null;
      /** By option key: the texts given, in order; a flag gives `['true']`. */
      readonly given: ReadonlyMap<string, readonly string[]>;
    };

/** Columns of help texts where the width of the terminal isn't known. */
const HELP_WIDTH = 100;

/**
 * Understands a command line.
 * @throws FerrowError E_USAGE; the hint has the nearest known name
 */
export function parseArgs(argv: readonly string[], version: string, width = HELP_WIDTH): Invocation {
  let text = '';
  let invocation: Invocation | null = null;
  const program = buildProgram(version, width, (command, databases, run, given) => {
    invocation = { kind: 'command', command, databases, run, given };
  });
  for (const each of everyCommand(program)) {
    each.exitOverride();
    each.configureOutput({
      writeOut: (part) => {
        text += part;
      },
      writeErr: () => {},
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, argv);
    return { kind: 'text', text };
  }
  return invocation ?? { kind: 'text', text };
}

/** The help text of a command, or of the whole program, as `--help` prints it. */
export function helpText(command: CommandName | null, width = HELP_WIDTH): string {
  const words = command === null ? [] : command.split(' ');
  const invocation = parseArgs([...words, '--help'], '', width);
  return invocation.kind === 'text' ? invocation.text : '';
}

type Receive = (
  command: CommandName,
  databases: readonly string[],
  run: string | null,
  given: ReadonlyMap<string, readonly string[]>,
) => void;

function buildProgram(version: string, width: number, receive: Receive): Command {
  const program = new Command('ferrow')
    .description('Moves whole databases, schema and data, between SQLite, DuckDB and PostgreSQL.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .usage('COMMAND [SOURCE] TARGET [options]')
    .addHelpText('after', `\n${URL_HELP}\n\n${EXAMPLES.ferrow}\n\n${EXIT_STATUS_HELP}`)
    .configureHelp({ helpWidth: width, subcommandTerm: (each) => `${each.name()} ${each.usage()}` });
  program.action((_options, self: Command) => {
    throw noCommand(self.args[0]);
  });
  program.allowExcessArguments();
  // Output options may stand before the command too, where many people write them.
  for (const spec of optionsOf('migrate')) {
    if (['json', 'quiet', 'verbose', 'color'].includes(spec.key)) {
      program.addOption(commanderOption(spec).hideHelp());
    }
  }
  const schema = new Command('schema')
    .description(SUMMARIES.schema)
    .usage('compare|script SOURCE TARGET')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .allowExcessArguments()
    .addHelpText('after', `\n${EXAMPLES.schema}`)
    .action((_options, self: Command) => {
      throw noSchemaCommand(self.args[0]);
    });
  for (const name of COMMANDS) {
    const words = name.split(' ');
    const parent = words.length === 2 ? schema : program;
    parent.addCommand(buildCommand(name, words[words.length - 1], receive));
    if (words.length === 2 && schema.parent === null) program.addCommand(schema);
  }
  return program;
}

function buildCommand(name: CommandName, word: string, receive: Receive): Command {
  const command = new Command(word)
    .description(SUMMARIES[name])
    .usage(`${argumentsOf(name)} [options]`)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${EXAMPLES[name]}`);
  const ofLedger = isLedgerCommand(name);
  if (!ofLedger) command.argument('[source]', 'database to read, by URL or path [FERROW_SOURCE_URL]');
  command.argument('[target]', 'database to write, by URL or path [FERROW_TARGET_URL]');
  if (argumentsOf(name).includes('RUN'))
    command.argument('[run]', 'the run, by its id or the first characters of it (default: the last)');
  command.action((...passed: unknown[]) => {
    const self = passed[passed.length - 1] as Command;
    const words = self.args;
    const given = new Map<string, readonly string[]>();
    for (const spec of optionsOf(name)) {
      const attribute = commanderOption(spec).attributeName();
      const value = self.getOptionValue(attribute) ?? self.optsWithGlobals()[attribute];
      if (Array.isArray(value) && value.length > 0) given.set(spec.key, value as string[]);
    }
    const databases = words.slice(0, ofLedger ? 1 : 2);
    receive(name, databases, ofLedger ? (words[1] ?? null) : null, given);
  });
  for (const spec of optionsOf(name)) command.addOption(commanderOption(spec));
  return command;
}

/** Every option gathers its texts in a list; defaults, types and limits are not commander's business. */
function commanderOption(spec: OptionSpec): Option {
  const flag = flagOf(spec);
  const short = spec.key === 'quiet' ? '-q, ' : spec.key === 'verbose' ? '-v, ' : '';
  const isFlag = spec.kind === 'flag';
  // `<…>` would make commander negate `--no-…`; an attribute name of our own keeps it from doing so.
  const option = new Option(
    isFlag ? `${short}${flag}` : `${flag} <${spec.argument}>`,
    `${spec.describe}${spec.kind === 'choice' ? `; one of ${spec.choices.join(', ')}` : ''} [${envOf(spec)}]`,
  );
  option.negate = false;
  option.attributeName = () => spec.key;
  option.helpGroup(`${spec.group}:`);
  if (isFlag) option.preset('true');
  option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return option;
}

function* everyCommand(command: Command): Generator<Command> {
  yield command;
  for (const each of command.commands) yield* everyCommand(each);
}

function usageError(error: CommanderError, argv: readonly string[]): FerrowError {
  const message = error.message.split('\n')[0].replace(/^error: /, '');
  const command = commandOf(argv);
  const help = `see ferrow ${command === null ? '' : `${command} `}--help`;
  if (error.code === 'commander.unknownOption') {
    const wrong = /'([^']*)'/.exec(message)?.[1] ?? '';
    const flag = wrong.split('=')[0];
    const known = command === null ? ['--version', '--help'] : [...optionsOf(command).map(flagOf), '--help'];
    if (wrong !== flag && known.includes(flag)) {
      return new FerrowError('E_USAGE', `${flag} takes no value`, { hint: help });
    }
    if (command === null && OPTIONS.some((spec) => flagOf(spec) === flag)) {
      return new FerrowError('E_USAGE', `${flag} stands before the command`, {
        hint: `options come after it, as in ferrow migrate SOURCE TARGET ${flag} …`,
      });
    }
    return new FerrowError('E_USAGE', `unknown option ${flag}`, { hint: didYouMean(flag, known, help) });
  }
  if (error.code === 'commander.excessArguments') {
    return new FerrowError('E_USAGE', `ferrow ${command ?? ''} takes ${argumentsOf(command ?? 'migrate')}`, {
      hint: 'quote a name or a condition that holds blanks',
    });
  }
  if (error.code === 'commander.optionMissingArgument') {
    const flag = /'(--[a-z-]+)/.exec(message)?.[1] ?? 'an option';
    return new FerrowError('E_USAGE', `${flag} needs a value`, { hint: help });
  }
  if (error.code === 'commander.help') return noCommand(argv[argv.indexOf('help') + 1]);
  return new FerrowError('E_USAGE', message, { hint: help });
}

/** The command that a command line names, if it names one. */
export function commandOf(argv: readonly string[]): CommandName | null {
  const words = argv.filter((word) => !word.startsWith('-'));
  return COMMANDS.find((name) => name.split(' ').every((word, at) => words[at] === word)) ?? null;
}

function noCommand(word: string | undefined): FerrowError {
  const known = [...new Set(COMMANDS.map((name) => name.split(' ')[0])), 'help'];
  if (word === undefined) {
    return new FerrowError('E_USAGE', 'no command given', { hint: 'see ferrow --help' });
  }
  return new FerrowError('E_USAGE', `unknown command ${word}`, {
    hint: didYouMean(word, known, 'see ferrow --help'),
  });
}

function noSchemaCommand(word: string | undefined): FerrowError {
  const known = ['compare', 'script'];
  return word === undefined
    ? new FerrowError('E_USAGE', 'ferrow schema needs compare or script', {
        hint: 'see ferrow schema --help',
      })
    : new FerrowError('E_USAGE', `unknown command schema ${word}`, {
        hint: didYouMean(word, known, 'use ferrow schema compare or ferrow schema script'),
      });
}
