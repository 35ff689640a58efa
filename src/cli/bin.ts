#!/usr/bin/env node
// The executable. Checks the version of Node before anything else is loaded: an older Node could not even
// parse or resolve the rest, and would answer with a stack trace. So: no static imports, no new syntax.

const needed = [22, 12];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(
    `Ferrow needs Node ${needed.join('.')} or newer; this is ${process.version} (${process.execPath}).\n`,
  );
  process.exitCode = 2;
} else {
  cacheCompiledCode();
  keepFirstWasmCode();
  import('./main.ts').then(
    ({ main, processIo }) =>
      main(process.argv.slice(2), process.env, processIo()).then((status) => {
        process.exitCode = status;
        // All is said and closed. Should a driver still hold a handle, it must not keep the shell waiting;
        // where none does, this timer does not either.
        setTimeout(() => process.exit(status), 2000).unref();
      }),
    (error: unknown) => {
      process.stderr.write(`ferrow: its own files can not be loaded: ${error}\n`);
      process.exitCode = 1;
    },
  );
}

/**
 * Keeps compiled code for the next run in Node's own folder for it: 0.08 s of 0.5 s. Threads find the folder in the
 * environment. NODE_DISABLE_COMPILE_CACHE=1 switches it off.
 */
function cacheCompiledCode(): void {
  const { enableCompileCache, getCompileCacheDir } = process.getBuiltinModule('node:module');
  enableCompileCache();
  const folder = getCompileCacheDir();
  if (folder !== undefined) process.env['NODE_COMPILE_CACHE'] = folder;
}

/**
 * V8 would compile the grammar that reads SQL once more, optimised, after its first few sentences: 0.2 s of CPU for parses that
 * are no faster by it (20,000 of them: 0.9 s either way), and 500 MiB for that moment. Of this process alone: the library leaves
 * its host's V8 as it is.
 */
function keepFirstWasmCode(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--wasm-tiering-budget=1000000000');
}

export {};
