import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

it('SECURITY.md names tests and files that exist', () => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const inCode = [...text.matchAll(/`((?:test|src|scripts)\/[^`]+)`/g)].map(([, path]) => path ?? '');
  const linked = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path ?? '');
  expect(inCode.length).toBeGreaterThan(20);
  expect([...inCode, ...linked].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
