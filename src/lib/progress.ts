/**
 * Where long work reports how far it is. The command line draws it on a terminal; elsewhere nothing is shown.
 * One step is current at a time; `done` is called for each step that `start` began.
 */
export interface Progress {
  /** A new step begins. `total` is left out while it is not known. */
  start(label: string, total?: number): void;
  /** `done` things of the step are finished, out of `total` where that is known by now. */
  update(done: number, total?: number): void;
  done(): void;
}

/** Progress that shows nothing. */
export const noProgress: Progress = { start() {}, update() {}, done() {} };
