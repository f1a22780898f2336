/** How much is measured, and how often. */
export interface Sizes {
  readonly startRounds: number;
  readonly workflows: number;
  readonly credentials: number;
  readonly backupRounds: number;
  /** How many workflows n8n's own export is tried with at the end, to show that it fails; null: not at all. */
  readonly overExport: number | null;
  readonly rows: number;
  readonly rowRounds: number;
  readonly restoredWorkflows: number;
  readonly restoreRounds: number;
  readonly fewWorkflows: number;
  readonly manyWorkflows: number;
  readonly manyWorkflowRounds: number;
  readonly fewRows: number;
  readonly manyRows: number;
  readonly manyRowRounds: number;
  readonly fuzzedMegabytes: readonly [small: number, large: number];
  readonly fuzzRounds: number;
}

export const FULL: Sizes = {
  startRounds: 21,
  workflows: 900,
  credentials: 50,
  backupRounds: 5,
  overExport: 1005,
  rows: 26_000,
  rowRounds: 5,
  restoredWorkflows: 1000,
  restoreRounds: 3,
  fewWorkflows: 1000,
  manyWorkflows: 10_000,
  manyWorkflowRounds: 3,
  fewRows: 100_000,
  manyRows: 1_000_000,
  manyRowRounds: 3,
  fuzzedMegabytes: [1, 5],
  fuzzRounds: 5,
};

/**
 * Runs every step once with little, so that a broken bench is known before somebody needs it. Its times say nothing.
 */
export const SHORT: Sizes = {
  startRounds: 3,
  workflows: 30,
  credentials: 3,
  backupRounds: 1,
  overExport: null,
  rows: 600,
  rowRounds: 1,
  restoredWorkflows: 30,
  restoreRounds: 1,
  fewWorkflows: 20,
  manyWorkflows: 60,
  manyWorkflowRounds: 1,
  fewRows: 600,
  manyRows: 2000,
  manyRowRounds: 1,
  fuzzedMegabytes: [0.1, 0.2],
  fuzzRounds: 1,
};
