import { createHash } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Where new ids come from. */
export interface Ids {
  /** 16 letters and digits, as n8n's workflows, tags, credentials, ... have. */
  nano(): string;
  /** As users and workflow versions have. */
  uuid(): string;
}

/** Ids that look random but come out the same in every run with the same seed. */
export function deterministicIds(seed: string): Ids {
  let count = 0;
  const next = () => createHash('sha256').update(`${seed}:${count++}`).digest();
  return {
    nano: () => Array.from(next().subarray(0, 16), (byte) => ALPHABET[byte % ALPHABET.length]).join(''),
    uuid() {
      const hex = next().toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
  };
}

/** A clock that starts at the same instant in every run and moves on by a millisecond whenever it is read. */
export function deterministicClock(): () => number {
  let now = Date.parse('2026-01-05T08:00:00.000Z');
  return () => now++;
}
