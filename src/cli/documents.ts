// The JSON documents of --json: the report itself, or the same frame around what another command found.
import type { WireError } from '../errors/ferrow-error.ts';
import type { Report } from '../transfer/report.ts';

/** What every document has. */
export interface Frame {
  readonly command: string;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly success: boolean;
  readonly error: WireError | null;
}

/** A report of a run that never began: the same names as of one that did. */
export function failureReport(
  frame: Omit<Frame, 'success' | 'error'>,
  error: WireError,
  source: string,
  target: string,
): Report {
  return {
    runId: '',
    command: frame.command,
    source,
    target,
    startedAt: frame.startedAt,
    elapsedSeconds: frame.elapsedSeconds,
    success: false,
    error,
    totalTables: 0,
    successfulTables: 0,
    failedTables: 0,
    totalMigratedRows: 0,
    rowsPerSecond: 0,
    tableResults: [],
    warnings: [],
    carriedViews: [],
    allowedLosses: [],
    retries: [],
    refusals: [],
  };
}

/** Keys whose texts come from drivers, URLs or people, and so might hold a password. Names of tables and values of rows stay whole. */
const LOOSE_TEXTS: ReadonlySet<string> = new Set([
  'message',
  'reason',
  'hint',
  'causeMessage',
  'source',
  'target',
  'place',
  'problems',
]);

/** The text of a document: two-space JSON and a line end, passwords taken out. */
export function documentText(document: object, redact: (text: string) => string): string {
  const replace = (key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return value.toString();
    if (!LOOSE_TEXTS.has(key)) return value;
    if (typeof value === 'string') return redact(value);
    return Array.isArray(value)
      ? value.map((each) => (typeof each === 'string' ? redact(each) : each))
      : value;
  };
  return `${JSON.stringify(document, replace, 2)}\n`;
}
