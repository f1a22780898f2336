#!/usr/bin/env node
import { tmpdir } from 'node:os';

/** The version of Node that flowkeep needs: package.json, "engines". */
const NODE_MAJOR = 24;

/**
 * Resident memory up to which V8 may let its heap grow as it likes, in bytes: what a backup of a few hundred
 * workflows takes. Measured with a million rows: 153 MB at the peak, against 366 MB without a limit and 123 MB with
 * one from the start, which costs every run a quarter of its time (docs/internal/benchmarks.md).
 */
const ROOMY_BYTES = 120e6;
const MEMORY_LOOK_MS = 100;

/**
 * How long a command may take to end by itself after a signal, in milliseconds: then the process ends all the same, as
 * it must where the system never answers (a file server that is gone). Kubernetes waits for 30 s.
 */
const STOP_MS = 25_000;

/**
 * The process entry, and the only file that touches the process: argv, env, streams and signals go in, an exit code
 * comes out. The rest is loaded after the version check, because an older Node would stumble over its syntax.
 *
 * What every start pays is kept small: `import` of one of Node's own modules reads each of its members, which loads
 * others in turn (of `node:process` alone that takes a quarter of Node's start); `getBuiltinModule` does not.
 */
async function main(): Promise<void> {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
    process.stderr.write(`flowkeep needs Node.js ${NODE_MAJOR} or newer; this is ${process.versions.node}.\n`);
    process.exitCode = 2;
    return;
  }
  const argv = process.argv.slice(2);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    const { flowkeepVersion } = await import('./cli/version.ts');
    process.stdout.write(`${flowkeepVersion()}\n`);
    return;
  }
  const stop = new AbortController();
  let stopMs = STOP_MS;
  const { InterruptedError } = await import('./lib/errors.ts');
  const { redact } = await import('./lib/secrets/redact.ts');
  // Node would print what crashed it as it is, and an error's message or fields may quote anything.
  process.on('uncaughtException', (error) => {
    const { inspect } = process.getBuiltinModule('node:util');
    process.stderr.write(`${redact(inspect(error))}\n`);
    process.exit(1);
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      // The second signal is an order, not a request.
      if (stop.signal.aborted) process.exit(130);
      stop.abort(new InterruptedError(`interrupted by ${name}`));
      setTimeout(() => {
        process.stderr.write(`flowkeep did not end within ${stopMs / 1000} s of ${name}: ended as it was\n`);
        process.exit(130);
      }, stopMs).unref();
    });
  }
  // A reader that went away (`flowkeep show | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const { run } = await import('./cli/run.ts');
  process.exitCode = await run({
    argv,
    env: process.env,
    cwd: process.cwd(),
    temporaryFolder: tmpdir(),
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    pid: process.pid,
    onHangup(listener) {
      process.on('SIGHUP', listener);
      return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) };
    },
    allowToStop(ms) {
      stopMs = ms;
    },
    limitMemory() {
      // A daemon shares its machine: V8 would rather let the heap grow to 300 MB than collect what a backup leaves
      // behind.
      const watch = setInterval(() => {
        if (process.memoryUsage.rss() < ROOMY_BYTES) return;
        process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
        clearInterval(watch);
      }, MEMORY_LOOK_MS);
      watch.unref();
    },
    signal: stop.signal,
  });
}

await main();
