import { throwIfAborted } from '../../lib/errors.ts';
import { isInstanceGone } from '../../n8n/http/errors.ts';
import { removePlaceholder } from '../package/placeholder-workflow.ts';
import type { IdPair } from '../plan/types.ts';
import type { ApplyContext, ApplyOptions } from './context.ts';
import { TargetIds } from './ids.ts';
import { Outcomes, type Outcome } from './outcome.ts';
import { removeLeftBehind } from './items/temporary-credentials.ts';
import { STEPS } from './steps.ts';

/** What was done, action by action. */
export interface Applied {
  readonly outcomes: readonly Outcome[];
  /** Items that were created under another id. */
  readonly newIds: readonly IdPair[];
  /** What ended the run before its time, if something did. */
  readonly stoppedBy: unknown;
}

/**
 * Does exactly what the plan says, in the order of STEPS. An action that fails does not stop the others. It may be
 * stopped at any request and run again with a new plan: what is done already is found done.
 * @throws InterruptedError after an abort; StoreError where what was created could not be remembered
 */
export async function apply(options: ApplyOptions): Promise<Applied> {
  const outcomes = new Outcomes();
  const ids = new TargetIds(options.plan.ids);
  const context: ApplyContext = { ...options, ids, outcomes, temporaryCredentials: new Set() };
  settlePlanned(context);
  let stoppedBy: unknown = undefined;
  try {
    await cleanUp(context);
    for (const step of STEPS) await runStep(context, step);
  } catch (error) {
    throwIfAborted(options.signal);
    if (!isInstanceGone(error)) throw error;
    stoppedBy = error;
  }
  return { outcomes: outcomes.all(), newIds: ids.newPairs, stoppedBy };
}

/** Actions without work have their outcome already. */
function settlePlanned({ plan, outcomes }: ApplyContext): void {
  for (const action of plan.actions) {
    if (action.verb === 'unchanged') outcomes.done(action.key, action.targetId);
    if (action.verb === 'skip') outcomes.skip(action.key, action.why);
    if (action.verb === 'blocked') outcomes.fail(action.key, action.why, action.remedy ?? undefined);
  }
}

/** Removes what a run before this one left behind. */
async function cleanUp(context: ApplyContext): Promise<void> {
  if (context.plan.capabilities.packages) await removePlaceholder(context.client, context.signal);
  await removeLeftBehind(context);
}

async function runStep(context: ApplyContext, step: (typeof STEPS)[number]): Promise<void> {
  throwIfAborted(context.signal);
  context.progress.start(`Restoring: ${step.label}`);
  try {
    await step.run(context);
  } finally {
    context.progress.done();
  }
}
