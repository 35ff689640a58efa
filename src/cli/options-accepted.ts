// Options: what is accepted. Pure.
import { COMPARES, RUNS, SCHEMAS } from './command-sets.ts';
import type { OptionSpec } from './option-spec.ts';

export const WHAT_IS_ACCEPTED: readonly OptionSpec[] = [
  {
    key: 'verify',
    kind: 'choice',
    argument: 'LEVEL',
    choices: ['none', 'count', 'sample', 'full'],
    group: 'What is accepted',
    describe:
      'what to compare: nothing, row counts, a random sample of rows, or every value (default: count; of ferrow verify: full)',
    commands: [...RUNS, 'sync', 'verify'],
  },
  {
    key: 'allow',
    kind: 'list',
    argument: 'KEY=POLICY',
    group: 'What is accepted',
    describe: 'accept a lossy mapping by name, as in nan=null; every use is counted in the report',
    commands: [...SCHEMAS, 'sync', ...COMPARES, 'retry-rejects', 'tune'],
  },
  {
    key: 'onError',
    kind: 'choice',
    argument: 'WHAT',
    choices: ['fail', 'skip'],
    group: 'What is accepted',
    describe:
      'a row that the target can’t hold: stop, or put it among the rejects with its reason and go on (default: fail)',
    commands: [...RUNS, 'sync'],
  },
  {
    key: 'rejects',
    kind: 'text',
    argument: 'FILE',
    group: 'What is accepted',
    describe: 'write rejected rows to this file, a line of JSON for each',
    commands: [...RUNS, 'sync', 'resume', 'retry-rejects'],
  },
  {
    key: 'maxRejects',
    kind: 'text',
    argument: 'N',
    group: 'What is accepted',
    describe: 'fail a table when more rows than this are rejected, as in 100 or 0.5%',
    commands: [...RUNS, 'sync'],
  },
  {
    key: 'quarantine',
    kind: 'flag',
    group: 'What is accepted',
    describe: 'keep rejected rows with their values in the target too, beside the ledger',
    commands: [...RUNS, 'sync'],
  },
  {
    key: 'maxDifferences',
    kind: 'integer',
    argument: 'N',
    min: 0,
    max: 1_000_000,
    group: 'What is accepted',
    describe: 'rows of a table that are shown with what differs (default: 100)',
    commands: COMPARES,
  },
  {
    key: 'keepGoing',
    kind: 'flag',
    group: 'What is accepted',
    describe: 'move the tables that can be carried even when others are refused',
    commands: [...RUNS, 'sync'],
  },
];
