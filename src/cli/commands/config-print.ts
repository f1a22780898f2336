import { printConfig } from '../../config/print.ts';
import { describePreview, previewSchedules } from '../../daemon/schedule-preview.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { makeOutput } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';
import { readConfig } from '../open.ts';

/** `flowkeep config print`: the effective configuration, secrets masked. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const config = readConfig(invocation);
  const output = makeOutput(invocation.io, invocation.flags);
  output.line(printConfig(config).trimEnd());
  const jitter = config.daemon.jitter ?? 0;
  for (const instance of config.instances) {
    const lines = previewSchedules(instance, jitter).flatMap(describePreview);
    for (const line of lines) output.line(`# ${instance.name}: ${line}`);
  }
  output.json(config);
  return EXIT.done;
}
