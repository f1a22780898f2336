import type { NodePower } from '../../../kinds/workflows/node-powers.ts';

/**
 * One thing that a workflow could do after the plan and not before. A plan is reviewed for these, since whoever wrote
 * the snapshot, or a workflow in it, decides what runs afterwards.
 */
export interface Finding {
  readonly what: FindingKind;
  /** The workflow in the snapshot. */
  readonly workflow: { readonly id: string; readonly name: string };
  /** null: the workflow itself, or its settings. */
  readonly node: string | null;
  /** The type of the node. */
  readonly type?: string;
  /**
   * `new`: the target has no such node, call, webhook or credential, or the workflow is not live there; `changed`: it
   * has another one in its place.
   */
  readonly change: 'new' | 'changed';
  /** What it is about: hosts, the workflow called, the path of the webhook, the name of the credential. */
  readonly details?: readonly string[];
  /** Of `network`: those of its hosts that no such node on the target names. */
  readonly newHosts?: readonly string[];
}

export type FindingKind =
  /** It becomes live (`new`), or stays live with other content (`changed`). */
  | 'live'
  | NodePower
  /** It calls another workflow, or names one for its errors. */
  | 'call'
  | 'webhook'
  | 'credential';
