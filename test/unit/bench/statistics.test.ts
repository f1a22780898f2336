import { describe, expect, it } from 'vitest';
import { summarise } from '../../../scripts/bench/statistics.ts';

describe('summarise', () => {
  it('summarise gives the middle value and the range of the middle half, in whatever order the runs were', () => {
    expect(summarise([5, 1, 4, 2, 3])).toEqual({ median: 3, lowerQuartile: 2, upperQuartile: 4 });
  });

  it('summarise lies between the two middle values of an even number of runs', () => {
    expect(summarise([1, 2, 3, 10]).median).toBe(2.5);
  });

  it.each([[[]], [[1, Number.NaN]]])('summarise refuses %j, in which a measurement is missing', (values) => {
    expect(() => summarise(values)).toThrow('a measurement is missing');
  });
});
