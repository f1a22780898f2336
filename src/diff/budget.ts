/**
 * Steps of one whole comparison, 5 to 20 nanoseconds each: a second of work at most, whatever is compared. What grows in
 * step with the input takes none of them.
 */
const STEPS = 50_000_000;
/** Steps that one text may take: what two texts of 2,000 lines need at the worst. */
const STEPS_OF_ONE = 10_000_000;

/**
 * How much work a comparison may do beyond reading its input once. All that compares takes its steps from here, so that
 * what is spent at one place is not there at another. Steps are counted, not timed: the same input gives the same
 * result on every machine. Where none are left, a place is said to have changed as a whole.
 */
export class Budget {
  #left: number;
  #spent = 0;
  #coarse = 0;

  constructor(steps = STEPS) {
    this.#left = steps;
  }

  /** For a comparison whose result only says which places differ, such as the message of a snapshot. */
  static none(): Budget {
    return new Budget(0);
  }

  /** The most steps that one place may take now. */
  get forOne(): number {
    return Math.min(this.#left, STEPS_OF_ONE);
  }

  /** Steps that were taken so far. */
  get spent(): number {
    return this.#spent;
  }

  /** How many places were compared as a whole because there were no steps left for them. */
  get coarse(): number {
    return this.#coarse;
  }

  /** Takes steps that were done. */
  spend(steps: number): void {
    this.#left = Math.max(0, this.#left - steps);
    this.#spent += steps;
  }

  /** Takes steps for one place, or takes none and counts the place as compared as a whole. */
  allows(steps: number): boolean {
    if (steps > this.#left) return this.refuse();
    this.spend(steps);
    return true;
  }

  /** Counts a place that is compared as a whole. */
  refuse(): false {
    this.#coarse += 1;
    return false;
  }
}
