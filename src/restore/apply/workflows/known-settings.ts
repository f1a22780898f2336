import type { ApplyContext } from '../context.ts';

/** What every n8n with a public API takes in a workflow's settings. */
const OLDEST = [
  'saveExecutionProgress',
  'saveManualExecutions',
  'saveDataErrorExecution',
  'saveDataSuccessExecution',
  'executionTimeout',
  'errorWorkflow',
  'timezone',
  'executionOrder',
];

/** The settings that the target takes: by its own specification, or those that every version takes. */
export function knownSettings(context: ApplyContext): ReadonlySet<string> {
  return new Set(context.plan.capabilities.settings ?? OLDEST);
}
