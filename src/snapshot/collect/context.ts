import { canonicalJson, type JsonObject } from '../../lib/json/json.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { Project } from '../../kinds/projects.ts';
import type { CollectOptions } from './collect-options.ts';
import type { StagedFiles } from './staged-files.ts';

/** What one kind's collector found. */
export interface KindContent {
  readonly items: number;
  readonly rows?: number;
  /** What could be read less fully than it seems, in words. */
  readonly notes?: readonly string[];
}

/** The workflows that were read. `owners` says which project owns each, null if n8n does not say. */
export interface WorkflowContent extends KindContent {
  readonly owners: ReadonlyMap<string, string | null>;
}

/** What the collectors of one run share: its options, the files so far, and what more than one of them needs. */
export interface CollectContext extends CollectOptions {
  readonly staged: StagedFiles;
  /** Every project of the instance, read once. Rejects like the request. */
  projects(): Promise<Project[]>;
  /** Reads the workflows, once; those who need them wait for the same reading. Rejects if they could not be read. */
  workflows(): Promise<WorkflowContent>;
  /** Tells that the listing of workflows names this one. */
  listed(workflowId: string): void;
  /** The id of the workflow that was listed first, as soon as it is; null if there is none. */
  firstWorkflow(): Promise<string | null>;
  /** Reports how many items of a kind were read. */
  report(kind: Kind, done: number): void;
}

/** The bytes of a JSON file, in canonical form. */
export function encodeJson(value: JsonObject | readonly unknown[]): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

/** Adds a JSON file in canonical form. */
export function putJson(
  context: CollectContext,
  path: string,
  value: JsonObject | readonly unknown[],
  name?: string,
): void {
  context.staged.put(path, encodeJson(value), name);
}
