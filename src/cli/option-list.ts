// THE list of options: name, argument, what is allowed, which commands know it. Flags, environment twins,
// help texts, docs/cli.md and the checks of values are all made from it. Main thread; pure.
import type { CommandName, OptionSpec } from './option-spec.ts';
import { WHAT_IS_ACCEPTED } from './options-accepted.ts';
import { HOW_IT_IS_MOVED } from './options-how.ts';
import { OUTPUT } from './options-output.ts';
import { WHAT_IS_MOVED } from './options-what.ts';

export const OPTIONS: readonly OptionSpec[] = [
  ...WHAT_IS_MOVED,
  ...HOW_IT_IS_MOVED,
  ...WHAT_IS_ACCEPTED,
  ...OUTPUT,
];

/** Keys that the CLI itself obeys; all others go to the engine. */
export const CLI_KEYS: ReadonlySet<string> = new Set([
  'config',
  'table',
  'budget',
  'source',
  'clean',
  'output',
  'write',
  'json',
  'metricsPort',
  'quiet',
  'verbose',
  'color',
]);

export function optionsOf(command: CommandName): OptionSpec[] {
  return OPTIONS.filter((spec) => spec.commands.includes(command));
}
