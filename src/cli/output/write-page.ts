import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import type { Invocation } from '../invocation.ts';

/**
 * Writes a page below the working directory, and says so on stderr, which leaves stdout to the command's own output.
 */
export async function writePage({ io, flags }: Invocation, file: string, page: string): Promise<void> {
  const path = resolve(io.cwd, file);
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new FlowkeepError('output', `cannot write the page to ${path}: ${messageOf(error)}`, {
      remedy: 'Give --html a file in an existing folder that you may write to.',
      cause: error,
    });
  }
  if (!flags.quiet) io.stderr.write(`page written to ${path}\n`);
}
