// Prints docs/metrics.md from the list of metrics.
import { METRICS, OTHER_TABLES, TABLE_LABELS_MAX } from '../../src/metrics/prometheus.ts';
import { cell, printPage } from './printed-page.ts';

const rows = Object.values(METRICS).map(
  ({ name, kind, labels, help }) =>
    `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${cell(help)} |`,
);

const page = `# Metrics

The table is printed from \`src/metrics/prometheus.ts\`; do not edit.

\`ferrow migrate … --metrics-port 9464\` serves, on 127.0.0.1 and for as long as the command runs:

| path | what |
| --- | --- |
| \`/metrics\` | the metrics below in Prometheus’ text format, and the default process metrics of Node |
| \`/status\` | the run as one JSON document: state, phase, rows, rates, time left, and the same for each table |
| \`/\` | a page that shows \`/status\` live |

Port 0 takes any free port; the address is printed on stderr. Only GET and HEAD are answered, and only where the
\`Host\` header names \`localhost\`, \`127.0.0.1\` or \`[::1]\` with the port. To scrape from another container, share the
network namespace.

| name | kind | labels | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

Durations are in seconds, sizes in bytes, ratios from 0 to 1. \`source\` and \`target\` are the databases’ URLs without
passwords: one value each for a run. \`table\` is the name of the table in the source; the first ${TABLE_LABELS_MAX.toLocaleString('en-US')} tables have a
label of their own, the sum of all others is under \`${OTHER_TABLES}\`. Metrics are updated once a batch, never once a row.
`;
printPage('metrics.md', page);
