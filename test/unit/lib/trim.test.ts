import { expect, test } from 'vitest';
import { parseJson } from '../../../src/lib/json/json.ts';
import { trimEndOf, trimOf } from '../../../src/lib/trim.ts';

test('Only the characters of the set are taken away, and only at the ends', () => {
  expect(trimEndOf('\n a\nb \r\n\n', '\r\n')).toBe('\n a\nb ');
  expect(trimOf('//a//b/', '/')).toBe('a//b');
  expect(trimOf('---', '-')).toBe('');
});

// A pattern such as /0+$/ takes minutes for each of these, and the test ends with the time limit.
test('A text of a million such characters before another one is read in linear time', () => {
  const zeros = '0'.repeat(1_000_000);
  expect(trimEndOf(`${zeros}1`, '0')).toHaveLength(1_000_001);
  expect(JSON.stringify(parseJson(`{"n":1.${zeros}1}`))).toBe(`{"n":1.${zeros}1}`);
});
