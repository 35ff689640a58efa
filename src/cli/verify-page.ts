// The report of `verify` as one HTML file to sign: it needs nothing else, no script, no link. Pure.
import type { TableVerification, VerifyReport } from '../transfer/verify-report.ts';
import { cellsText, valueText, verdictOf } from './verify-words.ts';
import { count, counted, duration, printable } from './words.ts';

export interface VerifyPageFacts {
  readonly ferrow: string;
  readonly startedAt: string;
  readonly endedAt: string;
}

const LEVELS = {
  none: 'nothing',
  count: 'the number of rows, by each database’s own count(*)',
  sample: 'the number of rows, and a random sample of rows value by value',
  full: 'every value of every row, by digest; numbers of rows and figures of columns by each database’s own SQL',
} as const;

export function verifyPage(report: VerifyReport, facts: VerifyPageFacts): string {
  const differing = report.tables.filter((table) => !table.equal);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>ferrow verify: ${escaped(report.source)} and ${escaped(report.target)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-bottom: 1rem; }
th, td { padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere; }
td.number { text-align: right; }
code { font-size: .9em; }
.equal { color: #17603a; }
.different { color: #a11; }
.verdict { font-weight: 600; font-size: 1.2em; }
.facts { color: #666; font-size: .9em; }
.sign td { height: 3rem; min-width: 14rem; }
</style>
<h1>Verification</h1>
<p class="verdict ${report.success ? 'equal' : 'different'}">${escaped(verdictText(report))}</p>
<table>
${fact('Source', `${report.source}, version ${report.sourceVersion}`)}
${fact('Target', `${report.target}, version ${report.targetVersion}`)}
${fact('Compared', LEVELS[report.level])}
${fact('Begun', facts.startedAt)}
${fact('Ended', facts.endedAt)}
${fact('Ferrow', facts.ferrow)}
</table>
<h2>Tables</h2>
<table>
<tr><th>table</th><th>source rows</th><th>target rows</th><th>compared</th><th>source digest</th><th>target digest</th><th>time</th><th></th></tr>
${report.tables.map(tableRow).join('\n')}
</table>
${differing.length === 0 ? '' : `<h2>Differences</h2>\n${differing.map(differencesOf).join('\n')}`}
${notCompared(report)}
<h2>Signed</h2>
<table class="sign">
<tr><th>name</th><th>date</th><th>signature</th></tr>
<tr><td></td><td></td><td></td></tr>
<tr><td></td><td></td><td></td></tr>
</table>
<p class="facts">Each side was read in one snapshot; neither was written. What each level proves stands in Ferrow’s docs/verify.md.</p>
</html>
`;
}

function verdictText({ success, totalTables, equalTables }: VerifyReport): string {
  if (success) return `Equal: ${counted(totalTables, 'table')}`;
  return `Different: ${totalTables - equalTables} of ${counted(totalTables, 'table')}`;
}

function fact(name: string, value: string): string {
  return `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`;
}

function tableRow(table: TableVerification): string {
  const { tableName, targetName, sourceRows, targetRows, level, sourceHash, targetHash } = table;
  const name = targetName === tableName ? tableName : `${tableName} → ${targetName}`;
  const number = (value: number | null) => `<td class="number">${value === null ? '' : count(value)}</td>`;
  const hash = (value: string | null) => `<td><code>${escaped(value ?? '')}</code></td>`;
  const state = table.equal ? 'equal' : 'different';
  return `<tr><td>${escaped(name)}</td>${number(sourceRows)}${number(targetRows)}<td>${level ?? ''}</td>${hash(sourceHash)}${hash(targetHash)}<td class="number">${duration(table.elapsedSeconds)}</td><td class="${state}">${escaped(verdictOf(table))}</td></tr>`;
}

function differencesOf(table: TableVerification): string {
  const { differences, rows, schemaDifferences, figures, error } = table;
  const notes = [
    ...(error ? [`${error.code}: ${error.message}`] : []),
    ...schemaDifferences,
    ...figures.map(({ column, message }) => `column "${column}": by the databases' own SQL ${message}`),
    ...(differences
      ? [
          `${differences.atLeast ? 'At least ' : ''}${count(differences.changed)} rows changed, ${count(differences.missing)} missing, ${count(differences.extra)} extra.`,
        ]
      : []),
  ];
  const shown = rows.map(({ kind, key, column, source, target, row, count: times }) => {
    const cells = [
      kind + (times === undefined ? '' : ` (${times} times)`),
      cellsText(key),
      column ?? '',
      kind === 'changed' ? valueText(source) : kind === 'missing' ? cellsText(row ?? {}) : '',
      kind === 'changed' ? valueText(target) : kind === 'extra' ? cellsText(row ?? {}) : '',
    ];
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
  });
  const head = '<tr><th></th><th>key</th><th>column</th><th>source</th><th>target</th></tr>';
  return `<h3>${escaped(table.tableName)}</h3>
${notes.map((note) => `<p>${escaped(note)}</p>`).join('\n')}
${shown.length === 0 ? '' : `<table>\n${head}\n${shown.join('\n')}\n</table>`}`;
}

function notCompared({ tables, onlyInTarget }: VerifyReport): string {
  const lines = tables.flatMap((table) =>
    table.notCompared.map(
      ({ column, reason }) => `${table.tableName}${column === null ? '' : `, column ${column}`}: ${reason}`,
    ),
  );
  if (onlyInTarget.length > 0) lines.push(`Only in the target: ${onlyInTarget.join(', ')}`);
  lines.push('Views, keys, indexes and other definitions: ferrow schema compare compares those.');
  return `<h2>Not compared</h2>\n<ul>\n${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}\n</ul>`;
}

/** Anyone's text: nothing in it is markup, and nothing turns the direction of reading. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
