import * as z from 'zod';
import { isoSeconds } from '../../lib/time.ts';
import { isFlag } from '../flags.ts';
import type { SnapshotInfo } from '../store.ts';

/** What a listing says of a snapshot, as the index repeats it: nobody without the key can change it unnoticed. */
export type SignedInfo = SnapshotInfo;

/** Longer subjects are cut off by stores; flowkeep makes none for an encrypted store. */
const SUBJECT_LENGTH = 200;

/** The parts of it in the one form that every store gives back. */
export function signedInfo(info: SnapshotInfo): SignedInfo {
  return {
    id: info.id,
    instance: info.instance,
    takenAt: isoSeconds(Date.parse(info.takenAt)),
    format: info.format,
    // Not every store tells an empty version from none.
    n8nVersion: (info.n8nVersion && inOneForm(info.n8nVersion)) || null,
    subject: inOneForm(info.subject),
    flags: info.flags.filter(isFlag).sort(),
    digest: info.digest,
  };
}

/** A store may put a line break or a row of spaces in the form of its own. */
function inOneForm(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, SUBJECT_LENGTH);
}

const WORDS: Readonly<Record<keyof SignedInfo, string>> = {
  id: 'id',
  instance: 'instance',
  takenAt: 'time',
  format: 'format',
  n8nVersion: 'version of n8n',
  subject: 'subject',
  flags: 'flags',
  digest: 'digest',
};

/** The parts, in words, in which a snapshot is listed otherwise than its index says: none where all is as it was. */
export function infoDifferences(signed: SignedInfo, listed: SnapshotInfo): string[] {
  const found = signedInfo(listed);
  const parts = Object.keys(WORDS) as (keyof SignedInfo)[];
  return parts.filter((part) => String(signed[part]) !== String(found[part])).map((part) => WORDS[part]);
}

const schema = z.object({
  id: z.string(),
  instance: z.string(),
  takenAt: z.string(),
  format: z.number(),
  n8nVersion: z.string().nullable(),
  subject: z.string(),
  flags: z.array(z.string()).transform((flags) => flags.filter(isFlag)),
  digest: z.string().nullable(),
});

/** null where it is none. */
export function parseSignedInfo(value: unknown): SignedInfo | null {
  const result = schema.safeParse(value);
  return result.success ? result.data : null;
}
