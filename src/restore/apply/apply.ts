// Carries out a plan, exactly and in its order, in steps that may be repeated. There is no dry run here: a
// plan that is not to be applied never enters.

import { throwIfAborted } from '../../lib/errors.ts';
import { isInstanceGone } from '../../n8n/http/errors.ts';
import { removePlaceholder } from '../package/placeholder-workflow.ts';
import type { IdPair } from '../plan/types.ts';
import { Actions } from './actions.ts';
import type { ApplyContext, ApplyInput } from './context.ts';
import { TargetIds } from './ids.ts';
import type { Outcome } from './outcome.ts';
import { removeLeftBehind } from './items/temporary-credentials.ts';
import { STEPS } from './steps.ts';
import { WorkflowRequests } from './workflows/workflow-requests.ts';
import { WorkflowVersions } from './workflows/workflow-versions.ts';

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
export async function apply(input: ApplyInput): Promise<Applied> {
  const { plan, source, live, client, memory } = input;
  const actions = new Actions(plan.actions);
  const ids = new TargetIds(plan.ids, live, memory);
  const context: ApplyContext = {
    ...input,
    actions,
    ids,
    versions: new WorkflowVersions(source, live, ids, actions),
    workflows: new WorkflowRequests(client, actions.outcomes, plan.capabilities.settings),
    temporaryCredentials: new Set(),
  };
  let stoppedBy: unknown = undefined;
  try {
    await cleanUp(context);
    for (const step of STEPS) await runStep(context, step);
  } catch (error) {
    throwIfAborted(input.signal);
    if (!isInstanceGone(error)) throw error;
    stoppedBy = error;
  }
  return { outcomes: actions.outcomes.all(), newIds: ids.newPairs, stoppedBy };
}

/** Removes what a run before this one left behind. */
async function cleanUp(context: ApplyContext): Promise<void> {
  if (context.plan.capabilities.packages) await removePlaceholder(context.client);
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
