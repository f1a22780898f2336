import fc from 'fast-check';
import { expect, it } from 'vitest';
import { folderProblem } from '../../../../src/snapshot/format/folder-tree.ts';

const folder = (id: string, parentFolderId: string | null) => ({ id, name: `Folder ${id}`, parentFolderId });

it('folderProblem names a folder that contains itself, by way of others too', () => {
  expect(folderProblem([folder('a', 'a')])).toBe('folder "Folder a" ("a") contains itself');
  expect(folderProblem([folder('top', null), folder('c', 'a'), folder('a', 'b'), folder('b', 'a')])).toBe(
    'folder "Folder a" ("a") contains itself',
  );
});

it('folderProblem finds a cycle exactly where following the parents does not end', () => {
  const count = 8;
  const parent = fc.option(fc.integer({ min: 0, max: count }), { nil: null });
  fc.assert(
    fc.property(fc.array(parent, { maxLength: count }), (parents) => {
      const folders = parents.map((above, index) => folder(String(index), above === null ? null : String(above)));
      const ends = parents.every((_, start) => {
        let at: number | null = start;
        for (let step = 0; step <= count && at !== null; step++) at = parents[at] ?? null;
        return at === null;
      });
      expect(folderProblem(folders) === null).toBe(ends);
    }),
  );
});

it('folderProblem takes folders as deep as people make them, and names the first that is too deep', () => {
  const chain = (length: number) =>
    Array.from({ length }, (_, index) => folder(String(index), index === 0 ? null : String(index - 1)));
  expect(folderProblem(chain(500).reverse())).toBe(null);
  expect(folderProblem(chain(100_000).reverse())).toBe(
    'folder "Folder 500" ("500") is nested more than 500 folders deep',
  );
});
