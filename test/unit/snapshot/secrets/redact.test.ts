import { expect, test } from 'vitest';
import { redact } from '../../../../src/snapshot/secrets/redact.ts';

// With the path of each text written out this takes minutes, and the test ends with the time limit.
test('A name of a megabyte above 50,000 texts costs nothing for each of them', () => {
  const name = 'k'.repeat(1_000_000);
  const texts = Array.from({ length: 50_000 }, (_, index) => `text ${index}`);
  const hit = { path: [name, 1], start: 5, end: 6, rule: 'named-secret' };
  const redacted = redact({ [name]: texts }, [hit], true) as Record<string, string[]>;
  expect(redacted[name]?.slice(0, 3)).toEqual(['text 0', 'text [redacted by flowkeep: named-secret]', 'text 2']);
});
