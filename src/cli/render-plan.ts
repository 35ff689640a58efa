// Plans, comparisons and the doctor's findings as text for people. Pure.
import { oneOf } from '../errors/value-codes.ts';
import type { DoctorReport } from '../transfer/doctor.ts';
import type { ColumnMapping, Report, TableResult } from '../transfer/report.ts';
import type { SchemaComparison, TableComparison, ViewComparison } from '../transfer/schema-compare.ts';
import type { ColumnEvidence } from '../types/evidence.ts';
import { type RenderOptions, renderFailures, renderTable, renderViews, renderWarnings } from './render.ts';
import { count, counted, duration, type Paint, printable, size } from './words.ts';

/** A dry run: per table what becomes of each column and why, what is refused, and how long it may take. */
export function renderPlan(report: Report, options: RenderOptions): string {
  const { paint } = options;
  const shown = report.tableResults.filter((table) => table.plan !== undefined);
  const planned = shown.filter((table) => table.success);
  const rows = planned.reduce((sum, table) => sum + table.sourceRows, 0);
  const seconds = planned.reduce((sum, table) => sum + (table.plan?.estimatedSeconds ?? 0), 0);
  const { carriedViews } = report;
  const views = carriedViews.length > 0 ? `, ${counted(carriedViews.length, 'view')}` : '';
  const sum = `${counted(planned.length, 'table')}${views}, ${counted(rows, 'row')}, about ${duration(seconds)}`;
  const would = report.command === 'sync' ? 'ferrow sync would' : 'ferrow migrate would';
  const verdict = report.success
    ? paint('green', `nothing was written; ${would} move ${sum}`)
    : paint('red', `nothing was written; ${would} refuse: ${counted(problemCount(report), 'problem')}`);
  return [
    `${printable(report.source)} -> ${printable(report.target)}`,
    ...shown.map((table) => renderTablePlan(table, options)),
    report.tableResults.flatMap(idleLine).join('\n'),
    renderViews(carriedViews, paint),
    renderWarnings(report.warnings, options),
    renderFailures(report, options),
    verdict,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function problemCount(report: Report): number {
  return Math.max(1, report.refusals.length, report.failedTables);
}

/** A table of a sync in which nothing is new. */
function idleLine({ tableName, plan, watermark }: TableResult): string[] {
  if (plan !== undefined || !watermark) return [];
  const since = watermark.from === null ? '' : ` since ${watermark.column} ${watermark.from}`;
  return [`${printable(tableName)}  nothing new${printable(since)}`];
}

/** Of a sync: which rows are read, and what becomes of them. */
function syncFacts({ plan, watermark }: TableResult): string[] {
  if (!plan?.sync || !watermark) return [];
  const { column, from } = watermark;
  const { rows, deletes } = plan.sync;
  const becomes = {
    all: 'into a new table',
    upserted: 'upserted by key',
    added: 'only added, without a key',
  };
  return [
    from === null ? `all rows, watermark ${printable(column)}` : printable(`from ${column} ${from}`),
    becomes[rows],
    ...(deletes ? ['rows that the source no longer has are deleted'] : []),
  ];
}

function renderTablePlan(table: TableResult, { paint, verbose }: RenderOptions): string {
  const plan = table.plan;
  if (plan === undefined) return '';
  const name = printable(table.tableName);
  const target = plan.targetTable === table.tableName ? '' : ` -> ${printable(plan.targetTable)}`;
  const facts =
    plan.mode === null
      ? [counted(table.sourceRows, 'row'), paint('red', 'refused')]
      : [
          counted(table.sourceRows, 'row'),
          ...(plan.sync ? syncFacts(table) : [plan.mode]),
          `batches of ${count(plan.batchSize)}`,
          counted(plan.partitions, 'partition'),
          `about ${duration(plan.estimatedSeconds)}`,
        ];
  const columns = renderTable(
    ['  column', 'source type', 'canonical', 'target type', 'verdict', 'because'],
    plan.columns.map((column) => [
      `  ${printable(column.source)}${column.target === column.source ? '' : ` -> ${printable(column.target)}`}`,
      printable(column.sourceType) || '(none)',
      printable(column.canonicalType ?? ''),
      printable(column.targetType ?? ''),
      verdictOf(column, paint),
      printable(
        [column.because ?? '', policyText(column), evidenceText(column.evidence)]
          .filter((part) => part !== '')
          .join('; '),
      ),
    ]),
    paint,
  );
  const ddl = verbose ? plan.ddl.map((statement) => paint('dim', indented(statement))) : [];
  return [`${paint('bold', name)}${target}  ${facts.join(', ')}`, columns, ...ddl]
    .filter((part) => part !== '')
    .join('\n');
}

/** What a refused column could be let through with. */
function policyText({ verdict, policies }: ColumnMapping): string {
  return verdict === 'refused' && policies.length > 0 ? `--allow ${oneOf(policies)}` : '';
}

function verdictOf({ verdict }: ColumnMapping, paint: Paint): string {
  if (verdict === 'refused') return paint('red', verdict);
  if (verdict === 'lossy') return paint('yellow', verdict);
  return verdict;
}

/** The facts that a prescan found, in a few words. */
export function evidenceText(evidence: ColumnEvidence | null): string {
  if (evidence === null) return '';
  const parts: string[] = [];
  if (evidence.storage !== undefined) {
    const classes = Object.entries(evidence.storage).filter(([, rows]) => rows > 0);
    // One class alone is what the plan says anyway.
    if (classes.length > 1) {
      parts.push(`holds ${classes.map(([name, rows]) => `${count(rows)} ${name}`).join(', ')}`);
    }
  }
  if (evidence.arrays !== undefined) {
    const { minDimensions, maxDimensions, minLowerBound, maxLowerBound } = evidence.arrays;
    if (maxDimensions > 1) parts.push(`arrays of ${span(minDimensions, maxDimensions)} dimensions`);
    if (minLowerBound !== 1 || maxLowerBound !== 1) {
      parts.push(`arrays that begin at ${span(minLowerBound, maxLowerBound)}`);
    }
  }
  if (evidence.nullCount > 0) parts.push(`${count(evidence.nullCount)} NULL`);
  if (evidence.integers !== undefined)
    parts.push(`integers ${evidence.integers.min} to ${evidence.integers.max}`);
  if (evidence.numeric !== undefined) {
    const { maxIntegerDigits, maxScale, nanCount, infinityCount } = evidence.numeric;
    parts.push(`at most ${maxIntegerDigits}+${maxScale} digits`);
    if (nanCount > 0) parts.push(`${count(nanCount)} NaN`);
    if (infinityCount > 0) parts.push(`${count(infinityCount)} infinite`);
  }
  if (evidence.text !== undefined && evidence.text.maxChars > 0) {
    parts.push(`text up to ${counted(evidence.text.maxChars, 'character')}`);
    if (evidence.text.nulCount > 0) parts.push(`${count(evidence.text.nulCount)} with NUL`);
    if (evidence.text.invalidUtf8Count > 0) parts.push(`${count(evidence.text.invalidUtf8Count)} not UTF-8`);
  }
  if (evidence.firstOffending !== undefined) {
    const { what, row, value } = evidence.firstOffending;
    const key = Object.entries(row).map(([name, text]) => `${name}=${text}`);
    parts.push(`${what}: ${JSON.stringify(value)}${key.length === 0 ? '' : ` at ${key.join(', ')}`}`);
  }
  return parts.join('; ');
}

const span = (from: number, to: number) => (from === to ? `${from}` : `${from} to ${to}`);

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${printable(line)}`)
    .join('\n');
}

/** What stands otherwise in the target, table by table. */
export function renderComparison(comparison: SchemaComparison, options: RenderOptions): string {
  const { paint } = options;
  const different = comparison.tables.filter((table) => !table.equal);
  const views = comparison.views.filter((view) => !view.equal);
  const others = comparison.differences.map((text) => `  ${printable(text)}`);
  const seen = comparison.views.length > 0 ? `, ${counted(comparison.views.length, 'view')}` : '';
  const sum = comparison.equal
    ? paint('green', `equal: ${counted(comparison.tables.length, 'table')}${seen}`)
    : paint('red', differenceSum(comparison, different.length, views.length));
  return [
    `${printable(comparison.source)} -> ${printable(comparison.target)}`,
    ...different.map((table) => renderTableComparison(table, paint)),
    ...views.map((view) => renderViewComparison(view, paint)),
    others.join('\n'),
    renderWarnings(comparison.warnings, options),
    sum,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function differenceSum(comparison: SchemaComparison, tables: number, views: number): string {
  const equal = comparison.tables.length - tables;
  const parts = [
    ...(tables > 0 ? [counted(tables, 'table')] : []),
    ...(views > 0 ? [counted(views, 'view')] : []),
  ];
  const others = comparison.differences.length;
  if (parts.length === 0) return `${counted(others, 'difference')}; ${counted(equal, 'table')} equal`;
  return `${parts.join(' and ')} ${tables + views === 1 ? 'differs' : 'differ'}, ${equal} equal`;
}

function renderViewComparison(view: ViewComparison, paint: Paint): string {
  const lines = [`${paint('bold', printable(view.viewName))}  view`];
  if (!view.sourceExists) lines.push('  only in the target');
  else if (!view.targetExists) lines.push('  not in the target');
  else for (const text of view.differences) lines.push(`  ${printable(text)}`);
  return lines.join('\n');
}

function renderTableComparison(table: TableComparison, paint: Paint): string {
  const renamed = table.targetName === table.tableName ? '' : ` -> ${printable(table.targetName)}`;
  const lines = [`${paint('bold', printable(table.tableName))}${renamed}`];
  if (!table.sourceExists) lines.push('  only in the target');
  else if (!table.targetExists) lines.push('  not in the target');
  else {
    for (const column of table.missingInTarget)
      lines.push(`  column ${printable(column)} is not in the target`);
    for (const column of table.missingInSource)
      lines.push(`  column ${printable(column)} is only in the target`);
    for (const { column, source, expected, target } of table.typeDifferences) {
      const types = `is ${target}, expected ${expected} for ${source || 'no type'}`;
      lines.push(`  column ${printable(column)} ${printable(types)}`);
    }
  }
  if (table.sourceExists) for (const text of table.differences) lines.push(`  ${printable(text)}`);
  return lines.join('\n');
}

/** Both ends, the tables with sizes, and what would stop a run. */
export function renderDoctor(doctor: DoctorReport, options: RenderOptions): string {
  const { paint } = options;
  const end = (role: string, info: DoctorReport['source']): string => {
    const facts = Object.entries(info.facts).map(([key, value]) => `  ${printable(`${key}: ${value}`)}`);
    const free = info.freeBytes === null ? [] : [`  free disk: ${size(info.freeBytes)}`];
    const title = `${paint('bold', role)}  ${info.engine} ${printable(info.version)}, ${printable(info.place)}`;
    return [title, ...facts, ...free].join('\n');
  };
  const tables = renderTable(
    ['table', 'rows', 'size', 'estimated', 'in target'],
    doctor.tables.map((table) => [
      printable(table.tableName),
      { number: count(table.rowCount) },
      { number: table.sizeBytes === null ? '' : size(table.sizeBytes) },
      { number: duration(table.estimatedSeconds) },
      table.targetExists ? 'exists' : '',
    ]),
    paint,
  );
  const total = `${counted(doctor.tables.length, 'table')}, ${counted(doctor.totalRows, 'row')}, ${size(doctor.totalBytes)}; about ${duration(doctor.estimatedSeconds)}`;
  const problems = doctor.problems.map((problem) => `  ${printable(problem)}`);
  const verdict = doctor.success
    ? paint('green', 'ready')
    : [paint('red', counted(doctor.problems.length, 'problem')), ...problems].join('\n');
  return [
    end('source', doctor.source),
    end('target', doctor.target),
    tables,
    total,
    renderWarnings(doctor.warnings, options),
    verdict,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
