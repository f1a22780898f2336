import * as z from 'zod';
import { FlowkeepError, messageOf } from '../../../lib/errors.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import { sha256 } from '../../../lib/hash.ts';
import { canonicalJson, parseJson } from '../../../lib/json/json.ts';
import { KINDS } from '../../../kinds/kinds.ts';
import { digestParts } from '../../../snapshot/format/digest.ts';
import type { SnapshotHeader } from '../../../snapshot/format/header.ts';
import type { Plan } from '../types.ts';

/** The version of plan files that this flowkeep writes and reads. */
export const PLAN_VERSION = 1;

/**
 * Names the state of a target: its header and every kind's files, as they were read. Static data does not count,
 * since it moves with every poll, nor which server it is: that says nothing of its state.
 */
export function targetDigest(header: SnapshotHeader, files: ReadonlyMap<string, { readonly sha256: string }>): string {
  const parts = [...digestParts(files)].filter(([part]) => part !== 'workflow-state');
  return sha256(canonicalJson([{ ...header, server: undefined }, Object.fromEntries(parts)]));
}

/**
 * The text of a plan file, which `--dry-run --json` prints.
 * @param diff what differs in each item, for whoever reviews the plan; reading passes over it
 */
export function writePlanFile(plan: Plan, diff?: object): string {
  return canonicalJson({ flowkeepPlan: PLAN_VERSION, ...plan, diff });
}

/**
 * Reads a plan file. What it says is never applied as it stands: the plan is made again and must be the same
 * (`requireSamePlan`), so that a file that somebody changed cannot make flowkeep do what it would not plan itself.
 * @throws FlowkeepError `plan-file` (exit code 2) where it is no plan file of this version
 */
export function readPlanFile(text: string, where: string): Plan {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw unusable(where, `it is not JSON: ${messageOf(error)}`);
  }
  const version = (value as { flowkeepPlan?: unknown } | null)?.flowkeepPlan;
  if (version === undefined) throw unusable(where, 'it is not a plan file (no "flowkeepPlan")');
  if (version !== PLAN_VERSION)
    throw unusable(where, `its version is ${JSON.stringify(version)}, this flowkeep reads ${PLAN_VERSION}`);
  const result = planFile.safeParse(value);
  if (!result.success) throw unusable(where, z.prettifyError(result.error));
  const { flowkeepPlan: _version, diff: _diff, ...plan } = result.data;
  return plan as unknown as Plan;
}

/**
 * Checks that the plan of a file is what would be planned now.
 * @throws FlowkeepError `plan-outdated` (exit code 4)
 */
export function requireSamePlan(file: Plan, now: Plan, where: string): void {
  if (file.target.instance !== now.target.instance || file.target.url !== now.target.url)
    throw outdated(
      where,
      `is for ${file.target.instance} at ${file.target.url}, not for ${now.target.instance} at ${now.target.url}`,
    );
  if (file.target.digest !== now.target.digest)
    throw outdated(where, 'is out of date: the target has changed since the plan was made');
  if (canonicalJson(file) === canonicalJson(now)) return;
  throw outdated(where, `${describeDifference(file, now)} what would be planned now`);
}

function describeDifference(file: Plan, now: Plan): string {
  const planned = new Map(now.actions.map((action) => [`${action.verb} ${action.key}`, canonicalJson(action)]));
  const other = file.actions.find((action) => planned.get(`${action.verb} ${action.key}`) !== canonicalJson(action));
  return other ? `differs for ${other.key} (${other.verb}) from` : 'differs from';
}

function outdated(where: string, what: string): FlowkeepError {
  return new FlowkeepError('plan-outdated', `the plan ${where} ${what}; nothing was written`, {
    exitCode: EXIT.conflict,
    remedy: 'Make a new plan with `flowkeep restore --dry-run --json`, review it, and apply that.',
  });
}

function unusable(where: string, what: string): FlowkeepError {
  return new FlowkeepError('plan-file', `the plan ${where} cannot be used: ${what}`, {
    exitCode: EXIT.usage,
    remedy: 'Make a plan with `flowkeep restore --dry-run --json > plan.json`.',
  });
}

const note = z.looseObject({ code: z.string(), message: z.string() });
const action = z.looseObject({
  verb: z.enum(['create', 'update', 'unchanged', 'skip', 'delete', 'blocked']),
  key: z.string(),
  kind: z.enum(KINDS),
  name: z.string(),
  why: z.string(),
  neededBy: z.array(z.string()),
  notes: z.array(note),
});
const planFile = z.strictObject({
  flowkeepPlan: z.literal(PLAN_VERSION),
  unverified: z.array(z.string()).optional(),
  otherServer: z.enum(['moved', 'foreign']).optional(),
  snapshot: z.strictObject({ id: z.string(), takenAt: z.string(), instance: z.string() }),
  target: z.strictObject({
    instance: z.string(),
    url: z.string(),
    n8nVersion: z.string().nullable(),
    digest: z.string(),
  }),
  options: z.strictObject({
    only: z.array(z.string()),
    deps: z.boolean(),
    onConflict: z.enum(['new-version', 'skip', 'fail']),
    publish: z.enum(['match-source', 'preserve', 'none']),
    prune: z.boolean(),
    rows: z.enum(['replace', 'append']),
    installPackages: z.boolean(),
    inviteUsers: z.boolean(),
  }),
  capabilities: z.strictObject({
    packages: z.boolean(),
    credentialIds: z.boolean(),
    settings: z.array(z.string()).nullable(),
  }),
  actions: z.array(action),
  publishGroups: z.array(z.strictObject({ workflows: z.array(z.string()), cyclic: z.boolean() })),
  ids: z.array(z.strictObject({ kind: z.enum(KINDS), from: z.string(), to: z.string().nullable() })),
  diff: z.unknown().optional(),
  review: z.array(z.looseObject({ what: z.string() })).default([]),
  warnings: z.array(z.string()),
});
