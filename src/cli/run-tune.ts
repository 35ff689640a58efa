// `ferrow tune`: measures, then shows, draws and writes what was found. Main thread.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { requireWritable, writeOutput } from '../transfer/output-file.ts';
import type { TransferRequest } from '../transfer/request.ts';
import type { TuneReport } from '../transfer/tune-report.ts';
import type { Commands } from './commands.ts';
import { withNumbers } from './config-write.ts';
import type { CliRequest } from './request.ts';
import { tuneChart } from './tune-chart.ts';
import { tunePage } from './tune-page.ts';
import { recommendedNumbers } from './tune-words.ts';

/** The report with the files that were written; null for none. */
export interface Tuned extends TuneReport {
  readonly outputFile: string | null;
  readonly configFile: string | null;
}

/** Files that could not be written in the end are refused before the first second is measured. */
export async function runTune(
  request: CliRequest,
  transferRequest: TransferRequest,
  commands: Commands,
  redact: (text: string) => string,
): Promise<Tuned> {
  const { outputFile } = request.output;
  const { table, budgetSeconds, writeFile } = request.tune;
  if (outputFile !== null) requireWritable('--output', outputFile);
  if (writeFile !== null) {
    requireWritable('--write', writeFile);
    withNumbers(textOf(writeFile), { batchSize: 1 }, writeFile);
  }
  const report = await commands.tune({ ...transferRequest, table, budgetSeconds });
  if (outputFile !== null) writeOutput('--output', outputFile, redact(await page(report)));
  const numbers = recommendedNumbers(report);
  if (writeFile === null || Object.keys(numbers).length === 0) {
    return { ...report, outputFile, configFile: null };
  }
  writeOutput('--write', writeFile, withNumbers(textOf(writeFile), numbers, writeFile));
  return { ...report, outputFile, configFile: writeFile };
}

async function page(report: TuneReport): Promise<string> {
  const model = cpus()[0]?.model ?? 'unknown processor';
  return tunePage(report, {
    machine: `Node ${process.version}, ${availableParallelism()} cores, ${model}`,
    at: new Date().toISOString(),
    chart: report.settings.length === 0 ? '' : await tuneChart(report),
  });
}

/** Null for a file that is yet to be made. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
