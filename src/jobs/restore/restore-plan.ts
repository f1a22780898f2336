/** The plan's text forms, for the command line. */
export { readPlanFile, writePlanFile } from '../../restore/plan/output/plan-file.ts';
export { printPlan } from '../../restore/plan/output/print-plan.ts';
export type { ItemResult } from '../../restore/apply/results.ts';
export type { Plan, RestoreOptions } from '../../restore/plan/types.ts';
