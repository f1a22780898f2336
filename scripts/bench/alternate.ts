/** One thing to measure: does whatever has to be done first, and returns the seconds that the thing itself took. */
export type Contender = () => Promise<number>;

/**
 * Runs the contenders in turn, A B C A B C, since the speed of a machine drifts: what is compared was measured within
 * the same minute.
 * @returns the seconds of each, by round
 */
export async function alternate<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
  onRound: (round: number) => void,
): Promise<Record<Name, readonly number[]>> {
  const names = Object.keys(contenders) as Name[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 1; round <= rounds; round++) {
    onRound(round);
    for (const name of names) seconds[name].push(await contenders[name]());
  }
  return seconds;
}

/** Computes one value for each round from what was measured in that round. */
export function perRound<Name extends string>(
  seconds: Readonly<Record<Name, readonly number[]>>,
  compute: (of: (name: Name) => number) => number,
): number[] {
  const rounds = Math.max(...Object.values<readonly number[]>(seconds).map((values) => values.length));
  return Array.from({ length: rounds }, (_, round) => compute((name) => seconds[name][round] ?? Number.NaN));
}
