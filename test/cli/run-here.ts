// Runs the command line within the test's own process, on threads that are kept: words, document and status are the executable's, for a
// third of its CPU seconds. For what comes after the process that a test is about: it can be neither killed nor given a failpoint.
import { loadCommands } from '../../src/cli/commands.ts';
import { main } from '../../src/cli/main.ts';
import { fakeIo } from '../unit/cli/fake-io.ts';
import type { Ended } from './run-bin.ts';

export async function ferrowHere(args: readonly string[]): Promise<Ended> {
  const { io, stdout, stderr } = fakeIo(await loadCommands());
  const status = await main(args, {}, io);
  return { status, stdout: stdout.text, stderr: stderr.text };
}
