/** What is said of a series of measurements: the middle one, and between which values the middle half lies. */
export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** @throws RangeError where nothing was measured: a table must not show a number then */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0 || values.some((value) => !Number.isFinite(value))) {
    throw new RangeError(`a measurement is missing: [${values.join(', ')}]`);
  }
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
  };
}

/** Linear between the two nearest values, as most statistics programs do it. */
function quantile(sorted: readonly number[], part: number): number {
  const position = (sorted.length - 1) * part;
  const below = Math.floor(position);
  const [low = 0, high = low] = sorted.slice(below, below + 2);
  return low + (high - low) * (position - below);
}
