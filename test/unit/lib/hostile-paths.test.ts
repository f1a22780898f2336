import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findHostilePath } from '../../../src/lib/hostile-paths.ts';
import { resolveCaseCollisions } from '../../../src/snapshot/format/collision.ts';
import {
  credentialPath,
  credentialSchemaPath,
  dataTableFolder,
  publishedPath,
  rowsFile,
  workflowPath,
  workflowStatePath,
} from '../../../src/snapshot/format/paths.ts';

/** The list of paths that no snapshot of ours has, and why. */
const HOSTILE: readonly (readonly [path: string, reason: RegExp])[] = [
  ['../evil.json', /leads out/],
  ['workflows/../../evil.json', /leads out/],
  ['workflows/./x.json', /leads out/],
  ['workflows//x.json', /leads out/],
  ['workflows/', /leads out/],
  ['', /leads out/],
  ['/etc/passwd', /absolute/],
  ['C:/evil.json', /colon/],
  ['workflows/a.json:stream', /colon/],
  ['workflows\\..\\evil.json', /backslash/],
  ['workflows/a\nb.json', /control character/],
  ['workflows/a\u0000.json', /control character/],
  ['workflows/a\u001b[2J.json', /control character/],
  ['workflows/a\u009b2J.json', /control character/],
  ['workflows/a\u202egnp.json', /control character/],
  ['workflows/a\u200b.json', /control character/],
  ['workflows/a\ud800.json', /control character/],
  ['workflows/a\ufffd.json', /UTF-8/],
  ['.git/hooks/post-checkout', /git's own/],
  ['workflows/.GIT/config', /git's own/],
  [`workflows/${'a'.repeat(300)}.json`, /more than 255 bytes/],
];

describe('a path that flowkeep never writes', () => {
  it.each(HOSTILE)('%j is found', (path, reason) => {
    expect(findHostilePath(['flowkeep.json', path])).toEqual({
      path,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it.each([
    ['case', ['workflows/a.W1.json', 'workflows/a.w1.json']],
    ['composition', ['workflows/\u00e9.1.json', 'workflows/e\u0301.1.json']],
    ['both', ['workflows/\u00c9.1.json', 'workflows/e\u0301.1.json']],
  ])('two that differ in %s alone are found', (_what, paths) => {
    expect(findHostilePath(paths)).toEqual({
      path: paths[1],
      reason: expect.stringContaining('is the same file as') as string,
    });
  });

  it('a file that is also a folder is found', () => {
    expect(findHostilePath(['tags.json/x', 'tags.json'])?.reason).toMatch(/file and a folder/);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 150 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.constantFrom(
    '..',
    '.',
    '/',
    '\\',
    'CON',
    'nul.txt',
    '.git',
    'a\u0000b',
    '\u202e',
    '__proto__',
    '\ud800',
    'ß',
    'İ',
  ),
);

describe('the paths that flowkeep makes', () => {
  it('the paths that flowkeep makes are never hostile, whatever n8n calls its items and whatever ids it gives them', () => {
    const items = fc.uniqueArray(fc.tuple(anyText, anyText), { selector: ([, id]) => id, maxLength: 8 });
    fc.assert(
      fc.property(items, fc.nat(), (all, row) => {
        const paths = all.flatMap(([name, id]) => [
          workflowPath(name, id),
          publishedPath(name, id),
          workflowStatePath(id),
          credentialPath(name, id),
          credentialSchemaPath(id),
          `${dataTableFolder(name, id)}table.json`,
          `${dataTableFolder(name, id)}${rowsFile(row)}`,
        ]);
        const moved = resolveCaseCollisions(paths);
        const final = paths.map((path) => moved.get(path) ?? path);
        expect(new Set(final).size).toBe(paths.length);
        expect(findHostilePath(final)).toBeNull();
      }),
    );
  });
});
