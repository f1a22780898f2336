/** What a scenario measured, as the report prints it. */
export interface Result {
  readonly title: string;
  /** What was compared, and with what, in a few sentences of Markdown. */
  readonly about: string;
  readonly times: readonly Times[];
  readonly comparisons: readonly Comparison[];
  /** Facts beside the numbers, each a sentence of Markdown. */
  readonly notes: readonly string[];
}

/** How long something took, round by round. */
export interface Times {
  readonly name: string;
  readonly seconds: readonly number[];
}

/** A number that says something on any machine: mostly the ratio of two times that were measured in one round. */
export interface Comparison {
  readonly name: string;
  /** One for each round. */
  readonly values: readonly number[];
  /** The target: the median must not be above it. Without one the comparison only informs. */
  readonly limit?: number;
  readonly unit?: 'MB' | 'writes' | 'ms';
}

export function timesOf(seconds: Readonly<Record<string, readonly number[]>>): Times[] {
  return Object.entries(seconds).map(([name, values]) => ({ name, seconds: values }));
}
