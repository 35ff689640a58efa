// Prints docs/cli.md from the table of options and the help texts.
import { helpText } from '../../src/cli/args.ts';
import { EXIT_STATUS_HELP, SUMMARIES } from '../../src/cli/help-texts.ts';
import { OPTIONS } from '../../src/cli/option-list.ts';
import { argumentsOf, COMMANDS, envOf, flagOf, type OptionSpec } from '../../src/cli/option-spec.ts';
import { cell, printPage } from './printed-page.ts';

function value(spec: OptionSpec): string {
  switch (spec.kind) {
    case 'flag':
      return '';
    case 'choice':
      return ` ${spec.choices.join('|')}`;
    default:
      return ` ${spec.argument}`;
  }
}

function row(spec: OptionSpec): string {
  const key = spec.notInFile ? '' : `\`${spec.negated ? `${spec.key}: false` : spec.key}\``;
  const limits = spec.kind === 'integer' ? ` (${spec.min} to ${spec.max})` : '';
  return `| \`${cell(`${flagOf(spec)}${value(spec)}`)}\` | \`${envOf(spec)}\` | ${key} | ${cell(spec.describe)}${limits} |`;
}

const commands = COMMANDS.map(
  (command) => `| \`ferrow ${command} ${argumentsOf(command)}\` | ${SUMMARIES[command]} |`,
);
const helps = COMMANDS.map(
  (command) => `### ferrow ${command}\n\n\`\`\`text\n${helpText(command, 100).trimEnd()}\n\`\`\`\n`,
);

const page = `# The command line

Printed from \`src/cli/\`; do not edit.

| command | what it does |
| --- | --- |
${commands.join('\n')}
| \`ferrow --version\`, \`ferrow --help\` | and \`--help\` after every command |

## Databases

| engine | forms |
| --- | --- |
| PostgreSQL | \`postgres://\` or \`postgresql://user:password@host:port/db?sslmode=…\`; the \`PG*\` variables and \`~/.pgpass\` fill what is missing |
| SQLite | \`sqlite:relative/path.db\`, \`sqlite:///absolute/path.db\`, or a path that ends in \`.db\`, \`.sqlite\`, \`.sqlite3\` |
| DuckDB | \`duckdb:relative/path.duckdb\`, \`duckdb:///absolute/path.duckdb\`, or a path that ends in \`.duckdb\`, \`.ddb\` |

\`\${NAME}\` in a URL is taken from the environment; where it stands for a user or a password it may hold any
characters. \`FERROW_SOURCE_URL\` and \`FERROW_TARGET_URL\` stand in for the arguments. With one argument, it is the
database that the environment or the configuration file leave open; where they name both or none, that is an error.
A password never appears in output, in errors or in metrics.

## Options

| option | environment | configuration file | meaning |
| --- | --- | --- | --- |
${OPTIONS.map(row).join('\n')}

Which command knows which option is in its help, below. Options come after the command. Lists are separated by
commas, and the option may be given several times; \`\\,\` is a comma and, for \`--rename\`, \`\\=\` an equals sign within
a name. Of an option with one value, the last counts. Switches in the environment take \`1\` or \`0\`, \`true\` or
\`false\`; an empty variable counts as unset.

What stands on the command line beats the environment, the environment beats the configuration file, the file beats
the defaults. A value replaces the one it beats as a whole: lists are not joined.

## Configuration file

YAML or JSON, with the keys \`source\`, \`target\` and those above.
\`config.schema.json\` describes it for editors. Nothing unknown is accepted; errors name file, line and key.

\`\`\`yaml
source: app.db
target: postgres://me:\${APP_PASSWORD}@localhost/app
exclude: [tmp_*]
ifExists: replace
allow: [nul=strip]
tableOptions:
  Track:
    where: Milliseconds > 60000
    columns: [TrackId, Name, Milliseconds]
    columnOptions:
      Name:
        allow: [invalid_utf8=replace]
\`\`\`

\`tables\` is a list of names or globs: only these tables are moved. It may also be a map from the name of a table to its
options, which is another way to write \`tableOptions\`; a map chooses no tables, all are moved.

## Output

The report, and the whole of a plan, go to stdout; progress, errors, and under \`--quiet\` warnings, to stderr.
\`--json\` puts one document on stdout instead, in failure and on wrong usage too. Progress is bars on a terminal, plain
lines elsewhere and where \`CI\` is set. Colours appear on terminals only, and never with \`--no-color\` or \`NO_COLOR\`.
\`schema script --output\` replaces a file that exists.

\`\`\`text
${EXIT_STATUS_HELP}
\`\`\`

\`schema compare\` ends with 3 where the schemas differ. SIGINT and SIGTERM end a run in good order with 130; a second
one ends it at once. An error’s code decides the status: see [errors](errors.md).

## Help texts

${helps.join('\n')}`;
printPage('cli.md', `${page.trimEnd()}\n`);
