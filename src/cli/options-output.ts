// Options: output. Pure.
import { COMPARES, EVERY, MOVES } from './command-sets.ts';
import type { OptionSpec } from './option-spec.ts';

export const OUTPUT: readonly OptionSpec[] = [
  {
    key: 'output',
    kind: 'text',
    argument: 'FILE',
    group: 'Output',
    describe:
      'schema script: the DDL goes to this file instead of stdout; tune, verify, repair: a report in HTML, or in JSON for *.json',
    commands: ['schema script', 'tune', ...COMPARES],
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
    commands: EVERY,
  },
  {
    key: 'metricsPort',
    kind: 'integer',
    argument: 'N',
    min: 0,
    max: 65535,
    group: 'Output',
    describe: 'while running, serve /metrics, /status and / on 127.0.0.1 (0: any free port)',
    commands: [...MOVES, 'verify'],
  },
  {
    key: 'quiet',
    kind: 'flag',
    group: 'Output',
    describe: 'no progress and no report, only warnings and errors',
    commands: EVERY,
  },
  {
    key: 'verbose',
    kind: 'flag',
    group: 'Output',
    describe: 'more: phases, DDL in plans, stack traces',
    commands: EVERY,
  },
  {
    key: 'color',
    negated: true,
    kind: 'flag',
    group: 'Output',
    describe: 'no colours (NO_COLOR does the same)',
    commands: EVERY,
  },
];
