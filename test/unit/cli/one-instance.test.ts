import { expect, it } from 'vitest';
import { requireOne } from '../../../src/cli/one-instance.ts';
import type { InstanceConfig } from '../../../src/config/types.ts';

const [a, b] = [{ name: 'a' } as InstanceConfig, { name: 'b' } as InstanceConfig];

it('gives the one instance that was chosen, and asks to choose among several', () => {
  expect(requireOne('export', [a])).toBe(a);
  expect(() => requireOne('export', [a, b])).toThrow('export handles one instance at a time');
  expect(() => requireOne('export', [a, b])).toThrow(
    expect.objectContaining({ exitCode: 2, remedy: 'Choose one with --instance: a, b' }),
  );
});
