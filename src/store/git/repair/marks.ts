import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../../lib/errors.ts';
import { GitFailure } from '../process/git-failure.ts';
import type { GitContext } from '../process/git-environment.ts';
import { commonDirOf } from './places.ts';

/** The ids of objects that were found damaged: a file beside git's own, one id a line. */
export async function readMarks(context: GitContext): Promise<string[]> {
  const text = await readFile(fileOf(context), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => OBJECT_ID.test(line));
}

export async function writeMarks(context: GitContext, objects: Iterable<string>): Promise<void> {
  const lines = [...new Set(objects)].sort();
  const temporary = `${fileOf(context)}.${randomUUID()}.new`;
  if (lines.length === 0) return rm(fileOf(context), { force: true });
  await writeFile(temporary, `${lines.join('\n')}\n`);
  await rename(temporary, fileOf(context));
}

/** Adds to what is remembered. A repository that may only be read remembers nothing. */
export async function addMarks(context: GitContext, objects: Iterable<string>): Promise<void> {
  try {
    await writeMarks(context, [...(await readMarks(context)), ...objects]);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '')) throw error;
  }
}

/** Remembers the objects that a failure names, since git could not read them. */
export async function markFailure(context: GitContext, failure: unknown): Promise<void> {
  const objects = objectsIn(failure instanceof GitFailure ? failure.stderr : String(failure));
  if (objects.size > 0) await addMarks(context, objects);
}

const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** The ids in git's words about what it cannot read, those in paths of loose objects among them. */
export function objectsIn(words: string): Set<string> {
  const joined = words.replaceAll(/\b([0-9a-f]{2})\/([0-9a-f]{38,62})\b/g, '$1$2');
  return new Set(joined.match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g) ?? []);
}

function fileOf(context: GitContext): string {
  return join(commonDirOf(context), 'flowkeep-damaged');
}
