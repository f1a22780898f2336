import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../process/git.ts';
import { type GitContext, REMOTE } from '../process/git-environment.ts';
import { existing } from './commits.ts';
import { commonDirOf } from './places.ts';

/** Takes lines out of the logs of refs that name what the repository does not have: `git gc` fails at them. */
export async function mendLogs(context: GitContext, signal?: AbortSignal): Promise<void> {
  const folder = join(commonDirOf(context), 'logs');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    const named = lines.flatMap(idsIn);
    const there = await existing(context, new Set(named), signal);
    const sound = lines.filter((line) => {
      const ids = idsIn(line);
      return ids.length === 2 && ids.every((oid) => /^0+$/.test(oid) || there.has(oid));
    });
    if (sound.length === lines.length) continue;
    await writeFile(`${file}.new`, sound.map((line) => `${line}\n`).join(''));
    await rename(`${file}.new`, file);
  }
}

function idsIn(line: string): string[] {
  const [, before, after] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) /.exec(line) ?? [];
  return before === undefined || after === undefined ? [] : [before, after];
}

/** Refs of flowkeep's own notes, which it makes again. */
const NOTES = ['refs/flowkeep/seen/', 'refs/flowkeep/outgoing/', `refs/remotes/${REMOTE}/`];

/** Removes notes that name what the repository does not have. */
export async function mendNotes(context: GitContext, signal?: AbortSignal): Promise<void> {
  const listed = await git(context, ['for-each-ref', '--format=%(objectname) %(refname)', ...NOTES], { signal });
  const refs = listed.split('\n').flatMap((line) => [line.split(' ', 2)] as [string, string][]);
  const there = await existing(context, new Set(refs.map(([oid]) => oid).filter((oid) => oid !== '')), signal);
  for (const [oid, ref] of refs)
    if (oid !== '' && !there.has(oid)) await git(context, ['update-ref', '-d', ref], { signal });
}
