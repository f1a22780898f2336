import { expect, it } from 'vitest';
import { listProblems, textProblems } from '../../../scripts/supply-chain/tarball.ts';

it('the package holds what it should and nothing else', () => {
  expect(listProblems(['a', 'b'], ['b', 'a'])).toEqual([]);
  expect(listProblems(['a', 'dist/stale.js'], ['a', 'README.md'])).toEqual([
    'the package lacks README.md',
    'the package holds dist/stale.js',
  ]);
  const beside = ['dist/main.js', 'dist/lib/page/page.css', 'dist/main.js.map', 'dist/a.test.js', 'dist/a.d.ts'];
  expect(listProblems(beside, beside)).toEqual([
    'the package holds dist/main.js.map, which no program is made of',
    'the package holds dist/a.test.js, which no program is made of',
    'the package holds dist/a.d.ts, which no program is made of',
  ]);
});

it('its files name no folder of the machine that made it, and no source map', () => {
  expect(textProblems('see /app/n8n-backup', ['/home/me'])).toEqual([]);
  expect(textProblems('at /home/me/flowkeep/src/main.ts', ['/home/me'])).toEqual(['names /home/me']);
  expect(textProblems('//# sourceMappingURL=main.js.map\n', [])).toEqual(['refers to a source map']);
});
