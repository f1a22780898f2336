import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { catFile } from '../commit/blobs.ts';
import type { GitContext } from '../process/git-environment.ts';
import { GitFailure } from '../process/git-failure.ts';
import { runGitGroup, startGit } from '../process/git-process.ts';
import { objectId, writeLoose, type ObjectType } from './loose-objects.ts';
import { commonDirOf, setAside } from './places.ts';

/**
 * Mends what is packed: makes the index of a whole pack again where it is lost or wrong, and takes what can be read out
 * of a damaged pack before that is set aside. What git derives from packs and commits is removed: it makes it again.
 * @returns sentences
 */
export async function mendPacks(context: GitContext, signal?: AbortSignal): Promise<string[]> {
  const commonDir = commonDirOf(context);
  await removeDerived(join(commonDir, 'objects'));
  const folder = join(commonDir, 'objects', 'pack');
  const names: string[] = await readdir(folder).catch(() => []);
  const done: string[] = [];
  for (const pack of names.filter((name) => /^pack-.*\.pack$/.test(name))) {
    const index = pack.replace(/pack$/, 'idx');
    const fresh = await makeIndex(context, join(folder, pack), signal);
    if (fresh === null) {
      const { saved } = await emptyPack(context, join(folder, index), signal);
      for (const name of [pack, index]) if (names.includes(name)) await setAside(commonDir, join(folder, name));
      done.push(`pack ${pack} was damaged: ${saved} objects were taken out of it, and it was set aside`);
    } else if (!names.includes(index) || !(await isSame(fresh.file, join(folder, index)))) {
      await rename(fresh.file, join(folder, index));
      done.push(`the index of pack ${pack} was damaged: it was made again`);
    }
    if (fresh) await rm(fresh.folder, { recursive: true, force: true });
  }
  for (const index of names.filter((name) => name.endsWith('.idx')))
    if (!names.includes(index.replace(/idx$/, 'pack'))) {
      await setAside(commonDir, join(folder, index));
      done.push(`the pack of ${index} is gone: its index was set aside`);
    }
  return done;
}

async function removeDerived(objects: string): Promise<void> {
  for (const name of ['info/commit-graph', 'info/commit-graphs', 'pack/multi-pack-index'])
    await rm(join(objects, name), { recursive: true, force: true });
  for (const name of await readdir(join(objects, 'pack')).catch(() => []))
    if (/\.(rev|bitmap)$/.test(name)) await rm(join(objects, 'pack', name), { force: true });
}

/** Reads the whole pack. null: it is damaged. */
async function makeIndex(
  context: GitContext,
  pack: string,
  signal: AbortSignal | undefined,
): Promise<{ folder: string; file: string } | null> {
  const folder = await mkdtemp(join(commonDirOf(context), 'objects', 'tmp_objdir-index-'));
  const file = join(folder, 'pack.idx');
  try {
    await runGitGroup(context, ['index-pack', '-o', file, pack], { signal });
    return { folder, file };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!(error instanceof GitFailure)) throw error;
    return null;
  }
}

async function isSame(file: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([readFile(file), readFile(other)]);
  return one.equals(two);
}

/** Writes each object of a damaged pack that can still be read as a loose one. */
async function emptyPack(
  context: GitContext,
  index: string,
  signal: AbortSignal | undefined,
): Promise<{ saved: number }> {
  let saved = 0;
  const oids = await objectsOf(context, index, signal);
  for (let at = 0; at < oids.length;) {
    try {
      for await (const answer of catFile(context, oids.slice(at), signal)) {
        const oid = oids[at++] ?? '';
        const type = answer?.type as ObjectType | undefined;
        if (!answer || type === undefined || objectId(type, answer.content, oid.length) !== oid) continue;
        await writeLoose(commonDirOf(context), type, answer.content, oid);
        saved += 1;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      // git ends at an object that it cannot read: on with the next one.
      at += 1;
    }
  }
  return { saved };
}

async function objectsOf(context: GitContext, index: string, signal: AbortSignal | undefined): Promise<string[]> {
  const { child, done } = startGit(context, ['show-index'], { signal });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  try {
    await pipeline(createReadStream(index), child.stdin);
    await done;
  } catch (error) {
    if (signal?.aborted) throw error;
    // An index that is damaged as well, or gone: what it lists before that is of use.
    await done.catch(() => undefined);
  }
  const lines = Buffer.concat(chunks).toString().split('\n');
  return lines.flatMap((line) => /^\d+ ([0-9a-f]{40,64})\b/.exec(line)?.[1] ?? []);
}
