import { sha256 } from '../../lib/hash.ts';
import type { StoreError } from '../errors.ts';
import type { DraftFile } from '../store.ts';
import type { EncryptedParts } from './parts.ts';

/**
 * A file that is copied from one encrypted snapshot to the next as it is stored, because this run cannot decrypt it.
 * It holds nothing that another store could save: reading it throws.
 */
export class KeptFile implements DraftFile {
  readonly size: number;
  /** That of the content is unknown here: this is the hash of its tag, so that no driver takes it for bytes it has. */
  readonly sha256: string;
  readonly origin: EncryptedParts;
  /** Its path in the index that it comes from. */
  readonly path: string;
  readonly error: StoreError;

  constructor(origin: EncryptedParts, path: string, error: StoreError) {
    this.origin = origin;
    this.path = path;
    this.error = error;
    const { size, tag } = origin.index.entries.get(path)!;
    this.size = size;
    this.sha256 = sha256(`kept ${tag}`);
  }

  async read(): Promise<Uint8Array> {
    throw this.error;
  }
}
