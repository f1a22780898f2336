import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

/**
 * Builds flowkeep and links it into a folder as `npm install` does, which makes the file executable and runs it by its
 * first line.
 * @returns the path of the link
 */
export async function installProgram(root: string, folder: string): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', HOME: folder };
  await run({ file: 'npm', args: ['run', '--silent', 'build'], cwd: root, env });
  const { bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    bin: { flowkeep: string };
  };
  const target = join(root, bin.flowkeep);
  await chmod(target, 0o755);
  const link = join(folder, 'bin', 'flowkeep');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await symlink(target, link);
  return link;
}
