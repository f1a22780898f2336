import { loadConfig } from '../../config/load.ts';
import { printConfig } from '../../config/print.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { makeOutput } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';

/** `flowkeep config print`: the effective configuration, secrets masked. */
export async function run({ io, flags }: Invocation): Promise<ExitCode> {
  const config = loadConfig({
    env: io.env,
    cwd: io.cwd,
    ...(flags.config === undefined ? {} : { file: flags.config }),
  });
  const output = makeOutput(io, flags);
  output.line(printConfig(config).trimEnd());
  output.json(config);
  return EXIT.done;
}
