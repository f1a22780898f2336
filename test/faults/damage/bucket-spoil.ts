import { createHash } from 'node:crypto';
import type { StandInObject } from '../../support/s3/stand-in.ts';

export const SPOILINGS = ['flipped', 'cut', 'emptied', 'removed', 'replaced'] as const;
export type Spoiling = (typeof SPOILINGS)[number];

/**
 * Spoils one object of a bucket. A bit that flips on a disk leaves the ETag as it was; whatever else happens is
 * somebody who writes over the object.
 * @param random from 0 to 1: which byte, and what it is replaced by
 */
export function spoil(objects: Map<string, StandInObject>, key: string, how: Spoiling, random: () => number): void {
  const { bytes, etag, lastModified } = objects.get(key)!;
  const put = (changed: Buffer): void => {
    objects.set(key, { bytes: changed, lastModified, etag: `"${createHash('md5').update(changed).digest('hex')}"` });
  };
  switch (how) {
    case 'flipped': {
      const changed = Buffer.from(bytes);
      if (changed.length > 0) changed[Math.floor(random() * changed.length)]! ^= 1 << Math.floor(random() * 8);
      objects.set(key, { bytes: changed, etag, lastModified });
      return;
    }
    case 'cut':
      return put(bytes.subarray(0, Math.floor(bytes.length / 2)));
    case 'emptied':
      return put(Buffer.alloc(0));
    case 'removed':
      objects.delete(key);
      return;
    case 'replaced': {
      const others = [...objects.keys()].filter((other) => other !== key && folderOf(other) === folderOf(key));
      const among = others.length > 0 ? others : [...objects.keys()].filter((other) => other !== key);
      return put(objects.get(among[Math.floor(random() * among.length)]!)!.bytes);
    }
  }
}

function folderOf(key: string): string {
  return key.split('/').slice(0, 2).join('/');
}
