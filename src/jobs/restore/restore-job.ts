import type { ExitCode } from '../../lib/exit-codes.ts';
import type { Tools } from '../../lib/tools.ts';
import type { ClientStats, N8nClient } from '../../n8n/http/types.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { ValueResolvers } from '../../restore/target/credentials-file.ts';
import type { ItemResult } from '../../restore/apply/results.ts';
import type { IdPair, Plan, RestoreOptions } from '../../restore/plan/types.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { StorePolicy } from '../../snapshot/treat/policy.ts';
import type { SnapshotInfo, Store } from '../../store/store.ts';
import type { Lease } from '../lock/lease.ts';
import type { UnaskedStore } from '../snapshots/unasked.ts';
import type { DiffRequest, PlanDiff } from './plan-diff.ts';

export interface RestoreJobOptions extends Tools {
  /** The instance to write to. */
  readonly target: { readonly instance: string; readonly client: N8nClient };
  readonly snapshot: SnapshotView;
  /** Why the snapshot is not taken for what flowkeep saved; the plan says so first. Usually empty. */
  readonly unverified: readonly string[];
  /** Also uses what earlier restores remembered in the store where nothing proves that flowkeep wrote it. */
  readonly allowUnverified?: boolean | undefined;
  /** The store of the snapshot. The safety snapshot and what the next run must know are kept there. */
  readonly store: Store;
  /** The instance's other stores, as far as they answered: restores may have kept something there. */
  readonly otherStores?: readonly Store[];
  /** Those that did not. */
  readonly unasked?: readonly UnaskedStore[];
  /** What that store gets of what it saves. */
  readonly policy: StorePolicy;
  readonly options: RestoreOptions;
  /** Makes the plan and nothing else. */
  readonly dryRun: boolean;
  /** false with `--no-safety-snapshot`. */
  readonly safetySnapshot: boolean;
  /** From `--plan`: the plan must be this one. */
  readonly planFile: { readonly plan: Plan; readonly path: string } | null;
  readonly credentialsFile: {
    readonly text: string;
    readonly path: string;
    readonly resolvers: ValueResolvers;
  } | null;
  /** Also finds what differs in each item that the plan writes. */
  readonly diff?: DiffRequest | undefined;
  /** Shows the plan and asks. Nothing is written unless it gives true. */
  confirm(plan: Plan, diff: PlanDiff | null): Promise<boolean>;
  /** Takes the target's lock in the store, for as long as something is written. */
  readonly lock?: (store: Store, signal: AbortSignal) => Promise<Lease>;
}

export interface RestoreReport {
  /** `conflict`: `--on-conflict fail` found items that it would overwrite. */
  readonly status: 'planned' | 'declined' | 'conflict' | 'applied';
  readonly plan: Plan;
  /** What differs in each item that the plan writes; null where that was not asked for. */
  readonly diff: PlanDiff | null;
  /** The snapshot of the target from before, or null. */
  readonly safetySnapshot: SnapshotInfo | null;
  /** Item by item, in the order of the plan; empty unless applied. */
  readonly items: readonly ItemResult[];
  /** Items that came back under another id in this run. */
  readonly newIds: readonly IdPair[];
  /** Credentials that came back without their secret. */
  readonly needSecret: readonly { readonly id: string; readonly name: string; readonly type: string }[];
  /**
   * What the snapshot's store omitted and the target does not have: somebody must fill in each place of these items.
   */
  readonly byHand: readonly {
    readonly kind: Kind;
    readonly id: string;
    readonly name: string;
    readonly places: readonly string[];
  }[];
  readonly notHeld: readonly string[];
  /** What ended the run before its time: then the rest of the plan was not done. */
  readonly stoppedBy: unknown;
  readonly exitCode: ExitCode;
  readonly durationMs: number;
  readonly client: ClientStats;
}
