/**
 * The id of a snapshot: when it was taken, and the start of the digest of its files. `20261123T015442Z-3f9a1c2b`
 * sorts by time and is unlikely to meet another of the same second.
 */
export function snapshotId(takenAt: string, digest: string): string {
  const compact = takenAt.replace(/[-:]/g, '').replace(/\.\d+Z$/, 'Z');
  return `${compact}-${digest.slice(0, 8)}`;
}

/**
 * Eight digits that stand for nothing, in place of a digest: an id must not tell of content that is encrypted.
 * @param random from 0 up to, but not including, 1
 */
export function randomLabel(random: number): string {
  return Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}
