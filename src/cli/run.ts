// Runs one request: the right command of the engine, with progress and metrics beside it, and its result as
// text or JSON. Main thread. Gives the exit status; throws what ended the command before it had a result.
import type { MetricsServer } from '../metrics/server.ts';
import { Database } from '../transfer/database-factory.ts';
import { writeOutput } from '../transfer/output-file.ts';
import { type LedgerRequest, TransferEmitter, type TransferRequest } from '../transfer/request.ts';
import type { Commands } from './commands.ts';
import { documentText, type Frame } from './documents.ts';
import { EXIT, statusOfReport } from './exit-status.ts';
import { isLedgerCommand } from './option-spec.ts';
import { type ProgressStream, showProgress } from './progress.ts';
import { type RenderOptions, renderFailures, renderReport, renderWarnings } from './render.ts';
import { renderComparison, renderDoctor, renderPlan } from './render-plan.ts';
import { renderRepair } from './render-repair.ts';
import { renderRollback } from './render-rollback.ts';
import { renderRuns } from './render-runs.ts';
import { renderTune } from './render-tune.ts';
import { renderVerify } from './render-verify.ts';
import type { CliRequest, Environment } from './request.ts';
import { runRepair, runVerify } from './run-verify.ts';
import { makePaint } from './words.ts';

export interface RunContext {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly redact: (text: string) => string;
  readonly startedAt: Date;
  commands(): Promise<Commands>;
}

export async function run(request: CliRequest, context: RunContext): Promise<number> {
  const { env, stderr, redact } = context;
  const { output } = request;
  const events = new TransferEmitter();
  const commands = await context.commands();
  const server = output.metricsPort === null ? null : await serve(events, output.metricsPort);
  const bars = stderr.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
  const progress = showProgress(events, {
    stream: stderr,
    style: output.quiet ? 'none' : bars ? 'bars' : 'lines',
    verbose: output.verbose,
    paint: makePaint(takesColor(request, stderr)),
    redact,
  });
  // A port that Ferrow chose is told in any case: without it the server is of no use.
  if (server !== null && (!output.quiet || output.metricsPort === 0))
    progress.say(`metrics: ${server.url}metrics, status: ${server.url}`);
  try {
    const finish = await start(request, events, commands, context);
    progress.stop();
    return finish();
  } finally {
    progress.stop();
    await server?.close();
  }
}

/** Loaded only on request: the metrics' package takes longer than a small command. */
async function serve(events: TransferEmitter, port: number): Promise<MetricsServer> {
  const { serveMetrics } = await import('../metrics/server.ts');
  return serveMetrics(events, port);
}

/** Runs the command to its end; printing its result is a second step, for when progress has left the screen. */
async function start(
  request: CliRequest,
  events: TransferEmitter,
  commands: Commands,
  context: RunContext,
): Promise<() => number> {
  const { env, signal } = context;
  const { command, options } = request;
  const source = request.source === null ? null : new Database(request.source, env);
  const target = new Database(request.target, env);
  if (source === null || isLedgerCommand(command)) {
    const { run } = request;
    return startByLedger(
      request,
      { command, source, target, run, options, signal, events },
      commands,
      context,
    );
  }
  const transferRequest: TransferRequest = { command, source, target, options, signal, events };
  switch (command) {
    case 'migrate':
    case 'plan': {
      const report = await commands.transfer(transferRequest);
      return () => showReport(report, request, context);
    }
    case 'sync': {
      const report = await commands.sync(transferRequest);
      return () => showReport(report, request, context);
    }
    case 'verify': {
      const { report, status } = await runVerify(request, transferRequest, commands, context.redact);
      return () => {
        show(report, report, renderVerify, request, context);
        return status;
      };
    }
    case 'repair': {
      const { report, status } = await runRepair(request, transferRequest, commands, context.redact);
      return () => {
        show(report, report, renderRepair, request, context);
        return status;
      };
    }
    case 'schema compare': {
      const comparison = await commands.compareSchemas(transferRequest);
      return () => {
        show(comparison, { success: comparison.equal }, renderComparison, request, context);
        return comparison.equal ? EXIT.done : EXIT.different;
      };
    }
    case 'schema script': {
      const script = await commands.scriptSchema(transferRequest);
      return () => showScript(script, request, context);
    }
    case 'doctor': {
      const doctor = await commands.examine(transferRequest);
      return () => {
        show(doctor, { success: doctor.success }, renderDoctor, request, context);
        return doctor.success ? EXIT.done : EXIT.failed;
      };
    }
    case 'tune': {
      const { runTune } = await import('./run-tune.ts');
      const tuned = await runTune(request, transferRequest, commands, context.redact);
      return () => {
        if (request.output.json || !request.output.quiet) {
          show(tuned, { success: true }, renderTune, request, context);
        }
        const written = [tuned.outputFile, tuned.configFile].filter((file) => file !== null);
        if (!request.output.quiet) writeErr(written.map((file) => `written: ${file}`).join('\n'), context);
        return EXIT.done;
      };
    }
  }
}

async function startByLedger(
  request: CliRequest,
  ledgerRequest: LedgerRequest,
  commands: Commands,
  context: RunContext,
): Promise<() => number> {
  switch (request.command) {
    case 'resume': {
      const report = await commands.resume(ledgerRequest);
      return () => showReport(report, request, context);
    }
    case 'retry-rejects': {
      const report = await commands.retryRejects(ledgerRequest);
      return () => showReport(report, request, context);
    }
    case 'rollback': {
      const report = await commands.rollback(ledgerRequest);
      return () => {
        show(report, report, renderRollback, request, context);
        return report.success ? EXIT.done : EXIT.failed;
      };
    }
    default: {
      const report = await commands.runs(ledgerRequest, request.clean);
      return () => {
        show(report, report, renderRuns, request, context);
        return EXIT.done;
      };
    }
  }
}

function showReport(
  report: Awaited<ReturnType<Commands['transfer']>>,
  request: CliRequest,
  context: RunContext,
): number {
  const { stdout, stderr, redact } = context;
  const { json, quiet } = request.output;
  const plans = request.options.dryRun;
  const onErr = errOptions(request, stderr);
  const began = report.tableResults.length > 0 || report.refusals.length > 0;
  if (json) stdout.write(documentText(report, redact));
  // A plan's refusals are what was asked for; all other failures go to stderr, wherever stdout goes.
  if (plans && began && !json) {
    stdout.write(`${redact(renderPlan(report, outOptions(request, stdout)))}\n`);
    return statusOfReport(report);
  }
  if (!json && !quiet && (began || report.success)) {
    stdout.write(`${redact(renderReport(report, outOptions(request, stdout)))}\n`);
  } else if (!json) {
    writeErr(renderWarnings(report.warnings, onErr), context);
  }
  writeErr(renderFailures(report, onErr), context);
  return statusOfReport(report);
}

function showScript(
  script: Awaited<ReturnType<Commands['scriptSchema']>>,
  request: CliRequest,
  context: RunContext,
): number {
  const { stdout, stderr, redact } = context;
  const { outputFile, json } = request.output;
  if (outputFile !== null) writeOutput('--output', outputFile, script.text);
  if (json) {
    const { warnings, notCarried, statements } = script;
    const ends = { source: request.source, target: request.target };
    const document = {
      ...frame(request, context, true),
      ...ends,
      outputFile,
      statements,
      notCarried,
      warnings,
    };
    stdout.write(documentText(document, redact));
  } else if (outputFile === null) {
    // DDL is for a database, so it leaves as it is; it holds names and defaults, no URLs.
    stdout.write(script.text);
  }
  if (!json) writeErr(renderWarnings(script.warnings, errOptions(request, stderr)), context);
  if (outputFile !== null && !request.output.quiet) {
    writeErr(`${script.statements.length} statements written to ${outputFile}`, context);
  }
  return EXIT.done;
}

function show<Result extends object>(
  result: Result,
  { success }: { readonly success: boolean },
  render: (result: Result, options: RenderOptions) => string,
  request: CliRequest,
  context: RunContext,
): void {
  const { stdout, redact } = context;
  if (request.output.json) {
    stdout.write(documentText({ ...frame(request, context, success), ...result }, redact));
  } else {
    stdout.write(`${redact(render(result, outOptions(request, stdout)))}\n`);
  }
}

function frame(request: CliRequest, { startedAt }: RunContext, success: boolean): Frame {
  return {
    command: request.command,
    startedAt: startedAt.toISOString(),
    elapsedSeconds: (Date.now() - startedAt.getTime()) / 1000,
    success,
    error: null,
  };
}

function writeErr(text: string, { stderr, redact }: RunContext): void {
  if (text !== '') stderr.write(`${redact(text)}\n`);
}

const outOptions = (request: CliRequest, stream: ProgressStream): RenderOptions => ({
  paint: makePaint(takesColor(request, stream)),
  verbose: request.output.verbose,
});
const errOptions = outOptions;

function takesColor({ output }: CliRequest, stream: ProgressStream): boolean {
  return output.color && stream.isTTY === true;
}
