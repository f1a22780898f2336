import { IS_FULL } from '../support/campaign.ts';

/** The parts of all requests that meet a fault. */
const RATES = [0.01, 0.05, 0.2];
const SEEDS = IS_FULL ? 20 : 8;

export interface FaultyRun {
  readonly seed: number;
  /** From 0 to 1. */
  readonly rate: number;
}

/**
 * The runs of the suite: each rate with its seeds; or the one that FLOWKEEP_FAULT_SEED and FLOWKEEP_FAULT_RATE (in
 * percent) name, to see a failure again.
 */
export function faultyRuns(env: NodeJS.ProcessEnv = process.env): FaultyRun[] {
  const { FLOWKEEP_FAULT_SEED: seed, FLOWKEEP_FAULT_RATE: percent } = env;
  const rates = percent === undefined ? RATES : [Number(percent) / 100];
  const seeds = seed === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(seed)];
  return rates.flatMap((rate) => seeds.map((each) => ({ rate, seed: each })));
}

/** How to see the same faults again. */
export function replay({ rate, seed }: FaultyRun, file: string): string {
  return `FLOWKEEP_FAULT_SEED=${seed} FLOWKEEP_FAULT_RATE=${rate * 100} npm run test:faults -- ${file}`;
}
