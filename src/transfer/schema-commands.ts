// `ferrow schema compare` and `ferrow schema script`: definitions only, no rows. Each opens and closes what it needs.
import type { Dialect } from '../dialect/dialect.ts';
import { loadDialect } from '../dialect/registry.ts';
import { FerrowError } from '../errors/ferrow-error.ts';
import { openSource } from '../threads/engine-host.ts';
import type { DatabaseSchema, NotCarried } from '../types/schema.ts';
import { type Analysis, analyse, analyseFor } from './analyse.ts';
import { compareTypes, compareViews } from './compare-views.ts';
import type { Warning } from './report.ts';
import type { TransferRequest } from './request.ts';
import { compareTables, type SchemaComparison } from './schema-compare.ts';
import { withSession } from './session.ts';

/** What the target lacks, has besides, or has otherwise. Reads only. */
export async function compareSchemas(request: TransferRequest): Promise<SchemaComparison> {
  return withSession(request, true, async (session) => {
    const { source, target } = session;
    const analysis = await understood(
      await analyse(session, asDefinition(request), 'compare'),
      target.dialect,
    );
    const whole = request.options.tables.length === 0 && request.options.exclude.length === 0;
    const tables = compareTables(analysis, source.dialect, target.dialect, whole);
    const views = compareViews(analysis, source.dialect, target.dialect, whole);
    const ofTables = new Set(analysis.selected.map((entry) => entry.displayName));
    const differences = [
      ...compareTypes(analysis, target.dialect),
      ...analysis.plan.refusals
        .filter(({ place }) => place.table === undefined || !ofTables.has(place.table))
        .map((refusal) => refusal.message),
    ];
    return {
      source: source.location.display,
      target: target.location.display,
      tables,
      views,
      differences,
      notCarried: notCarriedOf(analysis),
      equal: [...tables, ...views].every((each) => each.equal) && differences.length === 0,
      warnings: analysis.warnings,
    };
  });
}

/** What the plan would make and what stands, with the same reader's understanding of the SQL in both. */
async function understood(analysis: Analysis, { ddl }: Dialect): Promise<Analysis> {
  const { plan, targetCatalog } = analysis;
  const made = await ddl.understand({
    ...targetCatalog,
    tables: plan.tables.map((table) => table.load.table),
    views: [],
  });
  return {
    ...analysis,
    targetCatalog: await ddl.understand(targetCatalog),
    plan: {
      ...plan,
      tables: plan.tables.map((table, at) => ({ ...table, load: { ...table.load, table: made.tables[at] } })),
    },
  };
}

function notCarriedOf({ plan }: Analysis): NotCarried[] {
  return [...plan.tables.flatMap((table) => table.notCarried), ...plan.notCarried];
}

export interface SchemaScript {
  readonly statements: readonly string[];
  readonly notCarried: readonly NotCarried[];
  /** The whole script, what is not carried as comments at its head. */
  readonly text: string;
  readonly warnings: readonly Warning[];
}

/**
 * DDL for the target's engine: types, tables, indexes, foreign keys, views. The target is not opened; only its engine
 * counts.
 * @throws FerrowError the first refusal, unless `keepGoing`
 */
export async function scriptSchema(request: TransferRequest): Promise<SchemaScript> {
  const sourceLocation = await request.source.locate();
  const target = await loadDialect(request.target.engine);
  const engine = await openSource(sourceLocation, { connections: 1 });
  try {
    const source = { dialect: await loadDialect(request.source.engine), location: sourceLocation, engine };
    const nothing: DatabaseSchema = {
      engine: target.name,
      defaultSchema: target.quirks.defaultSchema,
      tables: [],
      views: [],
      types: [],
      others: [],
    };
    const analysis = await analyseFor(
      { source, pool: null },
      target,
      async () => nothing,
      asDefinition(request),
      'script',
    );
    const { plan } = analysis;
    if (plan.refusals.length > 0 && !request.options.keepGoing) throw plan.refusals[0];
    const tables = plan.tables.map((table) => table.load.table);
    const { indexes, foreignKeys } = request.options;
    const statements = [
      ...target.ddl.script(tables, { indexes, foreignKeys }),
      ...plan.views.flatMap((view) => view.load.statements),
    ].map(terminated);
    const head = scriptHead(analysis, sourceLocation.display, target.name);
    return {
      statements,
      notCarried: notCarriedOf(analysis),
      text: `${head}\n${statements.join('\n\n')}\n`,
      warnings: analysis.warnings,
    };
  } finally {
    await engine.close();
  }
}

/** A comment at the end would swallow the semicolon. */
function terminated(statement: string): string {
  const text = statement.trimEnd();
  if (text.slice(text.lastIndexOf('\n') + 1).includes('--')) return `${text}\n;`;
  return text.endsWith(';') ? text : `${text};`;
}

function scriptHead({ plan, warnings }: Analysis, source: string, target: string): string {
  const lines = [`Schema of ${source} for ${target}, by Ferrow`];
  for (const warning of [...warnings, ...plan.refusals]) {
    const about = warning instanceof FerrowError ? 'refused' : warning.table;
    lines.push(about === null ? warning.message : `${about}: ${warning.message}`);
  }
  return lines.map((line) => `-- ${inOneLine(line)}`).join('\n');
}

/** Names and reasons are anyone's text: nothing in them may end the line, or hide what stands in it. */
function inOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}

/** The same request, taken as a question about definitions: every table as it would be made anew. */
function asDefinition(request: TransferRequest): TransferRequest {
  const tableOptions = Object.fromEntries(
    Object.entries(request.options.tableOptions).map(([name, own]) => [
      name,
      { ...own, ifExists: 'replace' as const },
    ]),
  );
  const options = {
    ...request.options,
    tableOptions,
    ifExists: 'replace' as const,
    dataOnly: false,
    schemaOnly: true,
  };
  return { ...request, options };
}
