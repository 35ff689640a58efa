// Prints docs/errors.md from the list of error codes.
import { statusOfKind } from '../../src/cli/exit-status.ts';
import { CODES, codeFacts, type ErrorCode, type ErrorKind } from '../../src/errors/codes.ts';
import { cell, printPage } from './printed-page.ts';

const KINDS: Record<ErrorKind, string> = {
  usage: 'Wrong command line or configuration',
  connect: 'A database can’t be reached or opened',
  schema: 'The plan is refused, or DDL failed',
  value: 'A value can’t be held exactly',
  read: 'The source failed while reading',
  write: 'The target failed while writing',
  verify: 'Both sides were read and differ',
  cancelled: 'Interrupted',
  resource: 'Disk, memory, limits',
  internal: 'A fault in Ferrow itself',
};

const codes = Object.keys(CODES) as ErrorCode[];
const parts = [
  '# Errors\n',
  'Printed from `src/errors/codes.ts`; do not edit.\n',
  'Every failure carries one of these codes: in the text on stderr, as `error.code` of `--json`, as `code` of a',
  '`FerrowError`, and as the label `code` of `ferrow_errors_total`. The exit status follows from the kind. Where',
  'Ferrow knows better than the hint given here, the error itself says so. “Retryable” means that the same step',
  'may succeed when tried again.\n',
];
for (const [kind, title] of Object.entries(KINDS) as [ErrorKind, string][]) {
  const members = codes.filter((code) => codeFacts(code).kind === kind);
  if (members.length === 0) continue;
  parts.push(`## ${title}\n`, `Kind \`${kind}\`, exit status ${statusOfKind(kind)}.\n`);
  parts.push('| code | means | what to do |', '| --- | --- | --- |');
  for (const code of members) {
    const { means, hint, retryable } = codeFacts(code);
    parts.push(`| \`${code}\` | ${cell(means)}${retryable ? ' (retryable)' : ''} | ${cell(hint)} |`);
  }
  parts.push('');
}
printPage('errors.md', `${parts.join('\n').trimEnd()}\n`);
