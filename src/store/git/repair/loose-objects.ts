import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflate, deflateSync } from 'node:zlib';
import { SHA1_DIGITS } from '../../blob-id.ts';
import { setAside } from './places.ts';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** Sets every loose object aside whose bytes are not what its name says. @returns their ids */
export async function setDamagedAside(commonDir: string): Promise<string[]> {
  const objects = join(commonDir, 'objects');
  const damaged: string[] = [];
  for (const folder of (await readdir(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of await readdir(join(objects, folder))) {
      const oid = folder + name;
      const file = join(objects, folder, name);
      if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(oid) || (await isWhole(file, oid))) continue;
      await setAside(commonDir, file, oid);
      damaged.push(oid);
    }
  }
  return damaged;
}

async function isWhole(file: string, oid: string): Promise<boolean> {
  const hash = createHash(hashName(oid));
  const inflate = createInflate();
  try {
    await pipeline(createReadStream(file), inflate, hash);
  } catch {
    // Not readable, or not what zlib packs: whatever the reason, git cannot use it either.
    return false;
  }
  return hash.digest('hex') === oid && inflate.bytesWritten === (await stat(file)).size;
}

/** The id of an object with this content. */
export function objectId(type: ObjectType, content: Uint8Array, digits: number): string {
  return createHash(hashName('0'.repeat(digits)))
    .update(headerOf(type, content))
    .update(content)
    .digest('hex');
}

/**
 * Puts an object into the repository as a loose one, in one step and whatever else git has of it: git itself writes
 * nothing where it believes to have the object.
 */
export async function writeLoose(commonDir: string, type: ObjectType, content: Uint8Array, oid: string): Promise<void> {
  const folder = join(commonDir, 'objects', oid.slice(0, 2));
  const temporary = join(commonDir, 'objects', `tmp_objdir-${randomUUID()}`);
  const file = await open(temporary, 'wx', 0o444);
  try {
    await file.writeFile(deflateSync(Buffer.concat([headerOf(type, content), content])));
    await file.sync();
  } finally {
    await file.close();
  }
  await mkdir(folder, { recursive: true });
  await chmod(temporary, 0o444);
  await rename(temporary, join(folder, oid.slice(2)));
}

function headerOf(type: ObjectType, content: Uint8Array): Buffer {
  return Buffer.from(`${type} ${content.length}\0`);
}

function hashName(oid: string): string {
  return oid.length === SHA1_DIGITS ? 'sha1' : 'sha256';
}
