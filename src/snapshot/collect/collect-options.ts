import type { SpooledFile } from '../../lib/spool.ts';
import type { Tools } from '../../lib/tools.ts';
import type { N8nClient } from '../../n8n/http/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { SnapshotView } from '../format/snapshot-view.ts';

export interface CollectOptions extends Omit<Tools, 'clock'> {
  readonly client: N8nClient;
  readonly instance: string;
  readonly kinds: readonly Kind[];
  /** The newest snapshot before this one; null on the first run. */
  readonly base: SnapshotView | null;
  /** Milliseconds since 1970, when the run began. */
  readonly startedAt: number;
  /**
   * Ids of workflows that are known to have no details, such as a description: these cost no request of their own.
   * Default: of none it is known.
   */
  readonly withoutDetails?: ReadonlySet<string>;
  /**
   * Whether what is read is to be compared alone, and saved nowhere: then it has no page for people and no version of
   * n8n, which costs a request. Default: false.
   */
  readonly compareOnly?: boolean;
  /**
   * Called with each file that the base does not have with the same bytes. A later file of the same path replaces the
   * first.
   */
  readonly onNew?: (path: string, content: Uint8Array, file: SpooledFile) => void;
}
