import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { exampleConfig } from '../../config/init.ts';
import { FlowkeepError, messageOf, UsageError } from '../../lib/errors.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { makeOutput } from '../output/output.ts';
import type { Invocation } from '../invocation.ts';

/** `flowkeep config init`: a commented configuration to start from. Never overwrites a file unless --force is given. */
export async function run({ io, flags }: Invocation<{ readonly force?: boolean }>): Promise<ExitCode> {
  const path = resolve(io.cwd, flags.config ?? 'flowkeep.yaml');
  try {
    writeFileSync(path, exampleConfig(), { flag: flags.force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new UsageError(
        `${path} already exists`,
        'Choose another file with --config, or overwrite this one with --force.',
      );
    }
    throw new FlowkeepError('config', `cannot write ${path}: ${messageOf(error)}`);
  }
  const output = makeOutput(io, flags);
  output.line(`wrote ${path}`);
  output.line('Set N8N_API_KEY, edit the URL, and run `flowkeep check`.');
  output.json({ written: path });
  return EXIT.done;
}
