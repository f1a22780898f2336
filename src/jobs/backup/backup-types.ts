import type { FlowkeepError } from '../../lib/errors.ts';
import type { Tools } from '../../lib/tools.ts';
import type { ClientStats, N8nClient } from '../../n8n/http/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { ItemChange } from '../../snapshot/changes/changes.ts';
import type { Loss } from '../../snapshot/changes/loss.ts';
import type { SnapshotHeader } from '../../snapshot/format/header.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import type { RepairResult } from '../verify/repair.ts';
import type { Lease } from '../lock/lease.ts';
import type { StorePolicy } from '../../snapshot/treat/policy.ts';
import type { StoreSecrets } from './inspect-secrets.ts';

/** One backup: what is read, where it is saved, and what each step works with. */
export interface BackupRun extends Tools {
  readonly instance: string;
  readonly kinds: readonly Kind[];
  readonly client: N8nClient;
  readonly stores: readonly Store[];
  /** What each store gets: its settings `secrets`, `pinData` and `variableValues`. */
  readonly policyOf: (store: Store) => StorePolicy;
  /** `safety` where it is taken before a restore or a pull: then it is saved although nothing changed. */
  readonly purpose?: 'backup' | 'safety';
  /**
   * `--confirm`: takes the instance as it is, also where it is another server than before, or lost most of what it had.
   */
  readonly confirm?: boolean;
  /**
   * Takes the instance's lock in a store, once it is known that something is to be saved there: an unchanged instance
   * costs no write. Without it nothing is locked: the caller holds the lock, or no other run can come between.
   */
  readonly lock?: (store: Store, signal: AbortSignal) => Promise<Lease>;
}

/** That nearly everything was lost, which nobody has confirmed yet. */
export interface UnconfirmedLoss extends Loss {
  /** The last snapshot before it: what `latest` means. */
  readonly before: string;
}

/** What became of the snapshot in one store. */
export type StoreOutcome =
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'unchanged';
      readonly snapshot: SnapshotInfo;
      readonly healing: RepairResult;
      readonly unconfirmed?: UnconfirmedLoss;
      /** What is not in all places of the store: see SaveResult. */
      readonly owed?: FlowkeepError;
    }
  | {
      readonly store: string;
      readonly location: string;
      readonly status: 'saved';
      readonly snapshot: SnapshotInfo;
      readonly changes: readonly ItemChange[];
      readonly filesWritten: number;
      readonly bytesWritten: number;
      readonly warnings: readonly string[];
      /** The store listed no snapshot of the instance before. */
      readonly isFirst: boolean;
      /** What shows that the store held snapshots, although it lists none: they are gone. Among the warnings, too. */
      readonly emptied?: string;
      /** In what was new to the store. */
      readonly secrets: StoreSecrets;
      readonly healing: RepairResult;
      readonly unconfirmed?: UnconfirmedLoss;
      readonly owed?: FlowkeepError;
    }
  | { readonly store: string; readonly location: string; readonly status: 'failed'; readonly error: unknown };

export interface BackupReport {
  readonly instance: string;
  readonly url: string;
  /** What was read, kind by kind. */
  readonly header: SnapshotHeader;
  readonly stores: readonly StoreOutcome[];
  /** Kinds that lost over half of their items. */
  readonly shrunk: readonly Kind[];
  readonly durationMs: number;
  readonly client: ClientStats;
}
