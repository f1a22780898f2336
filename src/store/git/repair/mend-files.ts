import { readdir, readFile, writeFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../../lib/errors.ts';
import type { GitEnvironment } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { isRefContent, type RepositoryPlace } from '../repository/locate.ts';
import { readSettings, settingsFiles } from '../repository/settings.ts';
import { setAside } from './places.ts';

/**
 * Mends the small files of a repository so that git works on it at all: HEAD, the configuration, packed refs, and refs
 * that name nothing. What was there is set aside.
 * @returns sentences
 */
export async function mendFiles(
  { gitDir, commonDir, workTree }: RepositoryPlace,
  branch: string,
  environment: GitEnvironment,
): Promise<string[]> {
  const done: string[] = [];
  const put = async (file: string, text: string): Promise<void> => {
    if (await stat(file).catch(() => null)) await setAside(commonDir, file);
    await writeFile(file, text, { flush: true });
  };
  if (!isRefContent((await textOf(join(gitDir, 'HEAD'))) ?? '')) {
    await put(join(gitDir, 'HEAD'), `ref: refs/heads/${branch}\n`);
    done.push(`HEAD was damaged: it is at branch ${branch} now`);
  }
  if (!(await isConfigReadable({ gitDir, commonDir, workTree }, environment))) {
    await put(join(commonDir, 'config'), await freshConfig(commonDir, workTree === null));
    done.push('the configuration was damaged: it was written again, without what people had set there');
  }
  const packed = await textOf(join(commonDir, 'packed-refs'));
  if (packed !== null) {
    const lines = packed.split('\n').filter((line) => line !== '');
    // A line that was cut off may name another ref than it did.
    const isCut = packed !== '' && !packed.endsWith('\n');
    const whole = (isCut ? lines.slice(0, -1) : lines).filter((line) =>
      /^(# pack-refs with: |\^?[0-9a-f]{40,64}( refs\/\S+)?$)/.test(line),
    );
    if (whole.length < lines.length) {
      await put(join(commonDir, 'packed-refs'), whole.map((line) => `${line}\n`).join(''));
      done.push(`packed-refs was damaged: ${lines.length - whole.length} of its lines were of no use`);
    }
  }
  for (const path of await readdir(join(commonDir, 'refs'), { recursive: true, withFileTypes: true })) {
    const file = join(path.parentPath, path.name);
    if (!path.isFile() || file.endsWith('.lock') || isRefContent((await textOf(file)) ?? '')) continue;
    const name = file.slice(commonDir.length + 1);
    await setAside(commonDir, file, name.replaceAll('/', '-'));
    done.push(`${name} was damaged: it named no commit`);
  }
  return done;
}

async function isConfigReadable(place: RepositoryPlace, environment: GitEnvironment): Promise<boolean> {
  if ((await textOf(join(place.commonDir, 'config'))) === null) return false;
  try {
    await readSettings(await settingsFiles(place), environment);
    return true;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return false;
  }
}

/** As `git init` writes it; objects tell which hash the repository has. */
async function freshConfig(commonDir: string, isBare: boolean): Promise<string> {
  const names = await readdir(join(commonDir, 'objects'), { recursive: true }).catch(() => []);
  const isSha256 = names.some((name) => /^[0-9a-f]{2}\/[0-9a-f]{62}$|^pack\/pack-[0-9a-f]{64}\./.test(name));
  const version = isSha256 ? '1' : '0';
  const core = `[core]\n\trepositoryformatversion = ${version}\n\tfilemode = true\n\tbare = ${isBare}\n`;
  return core + '\tlogallrefupdates = true\n' + (isSha256 ? '[extensions]\n\tobjectformat = sha256\n' : '');
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}
