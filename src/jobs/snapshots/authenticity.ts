import { snapshotId } from '../../snapshot/format/snapshot-id.ts';
import type { Authenticity, FileHashes } from '../../store/authenticity.ts';
import type { StoredSnapshot } from '../../store/store.ts';

/**
 * Whether a stored snapshot is what flowkeep saved: what its store says, and whether its id is that of its digest. The
 * one question for verify and for everybody who uses the content.
 * @param hashes see StoredSnapshot.authenticate
 * @throws StoreError
 */
export async function authenticityOf(
  stored: Pick<StoredSnapshot, 'info' | 'authenticate'>,
  signal: AbortSignal,
  hashes?: FileHashes,
): Promise<Authenticity> {
  const { id, takenAt, digest } = stored.info;
  const answer = await stored.authenticate(signal, hashes);
  if (digest === null || snapshotId(takenAt, digest) === id) return answer;
  const reasons = answer.state === 'verified' ? [] : answer.reasons;
  return { state: 'altered', reasons: [...reasons, 'its id and its digest are not of the same snapshot'] };
}
