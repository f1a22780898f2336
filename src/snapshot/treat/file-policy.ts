import type { Scanner } from '../secrets/scan.ts';
import type { SecretFinding } from './finding.ts';

/** What is done to the files of a snapshot. */
export interface FilePolicy {
  /** null: nobody asks for secrets. */
  readonly scanner: Scanner | null;
  readonly redact: boolean;
  readonly dropPinData: boolean;
  readonly omitValues: boolean;
  /** The name of a file's item, for people. */
  readonly nameOf: (path: string) => string | undefined;
}

export interface FileView {
  /** The bytes that the store gets; null where they are those that were given. */
  readonly content: Uint8Array | null;
  readonly findings: readonly SecretFinding[];
}
