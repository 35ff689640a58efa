// What an option is: names, kind, where it holds; and the flag and the variable that come of it. Pure.

/** Commands between two databases: SOURCE TARGET. */
export const PAIR_COMMANDS = [
  'migrate',
  'plan',
  'sync',
  'verify',
  'repair',
  'schema compare',
  'schema script',
  'doctor',
  'tune',
] as const;
/** Commands that go by the ledger of a target: TARGET [RUN]. */
export const LEDGER_COMMANDS = ['resume', 'rollback', 'retry-rejects', 'runs'] as const;
export const COMMANDS = [...PAIR_COMMANDS, ...LEDGER_COMMANDS] as const;
export type CommandName = (typeof COMMANDS)[number];

export function isLedgerCommand(command: CommandName): command is (typeof LEDGER_COMMANDS)[number] {
  return (LEDGER_COMMANDS as readonly CommandName[]).includes(command);
}

/** The arguments of a command, as its help shows them. */
export function argumentsOf(command: CommandName): string {
  if (command === 'runs') return 'TARGET';
  return isLedgerCommand(command) ? 'TARGET [RUN]' : 'SOURCE TARGET';
}

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
  /** Its environment twin, where that has another name. */
  readonly twin?: string;
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

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `--batch-size`, `--no-indexes`. */
export function flagOf(spec: OptionSpec): string {
  return `--${spec.negated ? 'no-' : ''}${kebab(spec.key)}`;
}

/** `FERROW_BATCH_SIZE`, `FERROW_NO_INDEXES`. */
export function envOf(spec: OptionSpec): string {
  return spec.twin ?? `FERROW_${flagOf(spec).slice(2).replaceAll('-', '_').toUpperCase()}`;
}
