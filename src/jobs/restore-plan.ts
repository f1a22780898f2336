/** The plan's text forms, for the command line. */
export { readPlanFile, writePlanFile } from '../restore/plan-file.ts';
export { printPlan } from '../restore/print-plan.ts';
export type { ItemResult } from '../restore/read-back.ts';
export type { Plan, RestoreOptions } from '../restore/types.ts';
