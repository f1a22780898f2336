import { sha256 } from '../lib/hash.ts';
import { StoreError } from './errors.ts';
import type { DraftFile } from './store.ts';

/**
 * The bytes of a draft's file, for a driver that is about to store them.
 * @throws StoreError `integrity` where they are not what the draft announced: the spooled file was changed meanwhile
 */
export async function readDraftFile(path: string, file: DraftFile): Promise<Uint8Array> {
  const content = await file.read();
  if (content.length === file.size && sha256(content) === file.sha256) return content;
  throw new StoreError('integrity', `${path} changed while it was being saved: nothing was saved`, {
    remedy: 'Run the backup again. If this comes back, check the disk that holds the temporary folder.',
  });
}
