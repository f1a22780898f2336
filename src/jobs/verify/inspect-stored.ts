import { sha256 } from '../../lib/hash.ts';
import { HEADER_PATH } from '../../snapshot/format/paths.ts';
import type { SealedContent } from '../../store/store.ts';
import { inspectFile, type FileFacts } from './inspect-file.ts';

/** The first line of a file that age wrote. https://age-encryption.org/v1 */
const AGE_HEADER = 'age-encryption.org/v1\n';

/** Checks a file of an encrypted snapshot as far as that can be done without reading what is in it. */
export function inspectStored({ storedHashes }: SealedContent) {
  return (path: string, content: Uint8Array): FileFacts => {
    if (path === HEADER_PATH) return inspectFile(path, content);
    const facts = { references: [], listed: [], rows: 0, header: null, sha256: sha256(content) };
    return { ...facts, problems: problemsOf(path, content, facts.sha256, storedHashes.get(path)) };
  };
}

function problemsOf(path: string, content: Uint8Array, hash: string, listed: string | undefined): string[] {
  if (listed === undefined) return path.endsWith('.age') ? ['the index does not list it'] : [];
  if (hash !== listed) return ['its bytes are not those that the index lists'];
  const start = Buffer.from(content.subarray(0, AGE_HEADER.length)).toString('latin1');
  return start === AGE_HEADER ? [] : ['it is not an age file'];
}

/** Files that the index lists and that are not there. */
export function missingFiles({ stored, storedHashes }: SealedContent): string[] {
  return [...storedHashes.keys()].filter((path) => !stored.files.has(path));
}
