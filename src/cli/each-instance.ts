import type { InstanceConfig } from '../config/types.ts';
import { exitCodeOf } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';
import type { Invocation } from './invocation.ts';
import type { Opened } from './open.ts';
import { errorDocument, errorLines } from './output/report-error.ts';

/** A job that a command runs for several instances. */
export interface InstanceJob<Report> {
  run(instance: InstanceConfig): Promise<Report>;
  print(report: Report): void;
  /** The report as `--json` prints it. */
  document(report: Report): object;
  exitCode(report: Report): ExitCode;
}

/**
 * Runs a job for one instance after the other and prints each report. An instance that fails does not stop the others,
 * an interruption does.
 * @returns the exit code of them all: where they differ, it is partial
 */
export async function forEachInstance<Report>(
  { io, flags }: Invocation,
  { output }: Opened,
  instances: readonly InstanceConfig[],
  job: InstanceJob<Report>,
): Promise<ExitCode> {
  const documents: object[] = [];
  const codes: ExitCode[] = [];
  for (const instance of instances) {
    const result = await settle(job.run(instance));
    if ('report' in result) {
      job.print(result.report);
      documents.push(job.document(result.report));
      codes.push(job.exitCode(result.report));
    } else {
      const lines = [output.palette.bold(instance.name), ...errorLines(result.error, output.palette)];
      if (!flags.json) io.stderr.write(`${lines.join('\n')}\n`);
      documents.push({ instance: instance.name, error: errorDocument(result.error) });
      codes.push(exitCodeOf(result.error));
    }
    if (io.signal.aborted) break;
  }
  output.json({ instances: documents });
  return exitCodeOfAll(codes);
}

function settle<Report>(run: Promise<Report>): Promise<{ report: Report } | { error: unknown }> {
  return run.then(
    (report) => ({ report }),
    (error: unknown) => ({ error }),
  );
}

/** One failed instance among several is partial; alone, or where all fail, its own code tells more. */
function exitCodeOfAll(codes: readonly ExitCode[]): ExitCode {
  if (codes.includes(EXIT.interrupted)) return EXIT.interrupted;
  const [first = EXIT.done] = codes;
  return codes.every((code) => code === first) ? first : EXIT.partial;
}
