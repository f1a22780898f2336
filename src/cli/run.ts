import { CommanderError } from 'commander';
import { exitCodeOf } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { Io } from './io.ts';
import { makeProgram } from './program.ts';
import { RedactedStream } from './output/redacted-stream.ts';

/** Runs one command line and returns its exit code. Never throws: what goes wrong is printed. */
export async function run(real: Io): Promise<ExitCode> {
  const { stdout, stderr } = real;
  const io: Io = { ...real, stdout: new RedactedStream(stdout), stderr: new RedactedStream(stderr) };
  const outcome: { code: ExitCode } = { code: EXIT.done };
  const program = makeProgram(io, outcome);
  try {
    await program.parseAsync([...io.argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportFailure(io, error);
  }
}

/** Loaded only where something failed, so that `--help` is quick. */
async function reportFailure(io: Io, error: unknown): Promise<ExitCode> {
  const { makeOutput } = await import('./output/output.ts');
  const { errorDocument, errorLines } = await import('./output/report-error.ts');
  const json = io.argv.includes('--json');
  const output = makeOutput(io, { json });
  output.json({ error: errorDocument(error) });
  if (!json) io.stderr.write(`${errorLines(error, output.palette).join('\n')}\n`);
  return exitCodeOf(error);
}
