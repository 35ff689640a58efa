// `ferrow verify` and `ferrow repair`: what was found goes to the screen and, where one is named, to a report file. Main thread.
import { extname } from 'node:path';
import { requireWritable, writeOutput } from '../transfer/output-file.ts';
import type { RepairReport } from '../transfer/repair.ts';
import type { TransferRequest } from '../transfer/request.ts';
import type { VerifyReport } from '../transfer/verify-report.ts';
import { VERSION } from '../version.ts';
import type { Commands } from './commands.ts';
import { documentText } from './documents.ts';
import { EXIT, statusOfCode } from './exit-status.ts';
import type { CliRequest } from './request.ts';
import { verifyPage } from './verify-page.ts';

export interface Verified {
  readonly report: VerifyReport & { readonly outputFile: string | null };
  readonly status: number;
}

/** A file that could not be written in the end is refused before anything is read. */
export async function runVerify(
  request: CliRequest,
  transferRequest: TransferRequest,
  commands: Commands,
  redact: (text: string) => string,
): Promise<Verified> {
  const { outputFile } = request.output;
  if (outputFile !== null) requireWritable('--output', outputFile);
  const startedAt = new Date().toISOString();
  const report = await commands.verify(transferRequest);
  if (outputFile !== null)
    writeOutput('--output', outputFile, fileText(report, outputFile, startedAt, redact));
  return { report: { ...report, outputFile }, status: statusOf(report) };
}

/** What could not be compared is graver than what differs. */
export function statusOf({ success, tables }: Pick<VerifyReport, 'success' | 'tables'>): number {
  if (success) return EXIT.done;
  const failed = tables.flatMap(({ error }) => (error === null ? [] : [statusOfCode(error.code)]));
  return failed.length > 0 ? Math.min(...failed) : EXIT.different;
}

function fileText(
  report: VerifyReport,
  file: string,
  startedAt: string,
  redact: (text: string) => string,
): string {
  const endedAt = new Date().toISOString();
  if (extname(file).toLowerCase() === '.json')
    return documentText({ command: 'verify', ferrow: VERSION, startedAt, endedAt, ...report }, redact);
  return redact(verifyPage(report, { ferrow: VERSION, startedAt, endedAt }));
}

export interface Repaired {
  readonly report: RepairReport & { readonly outputFile: string | null };
  readonly status: number;
}

/** The report file of a repair is that of the verification behind it. */
export async function runRepair(
  request: CliRequest,
  transferRequest: TransferRequest,
  commands: Commands,
  redact: (text: string) => string,
): Promise<Repaired> {
  const { outputFile } = request.output;
  if (outputFile !== null) requireWritable('--output', outputFile);
  const startedAt = new Date().toISOString();
  const report = await commands.repair(transferRequest);
  const { verification, success, tables } = report;
  if (outputFile !== null && verification !== null)
    writeOutput('--output', outputFile, fileText(verification, outputFile, startedAt, redact));
  const failed = tables.flatMap(({ error }) => (error === null ? [] : [statusOfCode(error.code)]));
  const status = success ? EXIT.done : failed.length > 0 ? Math.min(...failed) : EXIT.different;
  return { report: { ...report, outputFile: verification === null ? null : outputFile }, status };
}
