import { describe, expect, it } from 'vitest';
import type { SpooledFile } from '../../../../src/lib/spool.ts';
import { CleanFiles } from '../../../../src/snapshot/treat/clean-files.ts';
import { FAKE } from '../../../support/fake-secrets.ts';

const ROWS = 'data-tables/t.1/rows/0.ndjson';

type File = SpooledFile & { readonly content: Uint8Array };

function fileOf(text: string): File {
  const content = Buffer.from(text);
  return { size: content.length, sha256: '', read: async () => content, content };
}

/** Adds files, and waits until there was time to look into each. */
async function look(clean: CleanFiles, files: readonly (readonly [string, File])[]): Promise<boolean[]> {
  await Promise.all(files.map(([path, file]) => clean.add(path, file.content, file)));
  return files.map(([, file]) => clean.has(file));
}

describe('CleanFiles', () => {
  it('CleanFiles knows the files that have no secret, and no others', async () => {
    const clean = new CleanFiles();
    const files = [
      ['workflows/a.1.json', fileOf('{"nodes":[]}')],
      ['workflows/b.2.json', fileOf(JSON.stringify({ settings: { apiKey: FAKE.github } }))],
      [ROWS, fileOf('{"id":1,"note":"none"}\n')],
      [ROWS, fileOf(`{"id":2,"note":${JSON.stringify(FAKE.github)}}\n`)],
      ['workflows/broken.3.json', fileOf('{')],
      ['workflows/c.4.json', fileOf('{"nodes":[]}')],
    ] as const;
    expect(await look(clean, files)).toEqual([true, false, true, false, false, true]);
  });

  it('CleanFiles lets no more than a few megabytes wait', async () => {
    const clean = new CleanFiles();
    const large = Array.from({ length: 5 }, () => [ROWS, fileOf(' '.repeat(2 ** 20))] as const);
    expect(await look(clean, large)).toEqual([true, true, true, true, false]);
    expect(await look(clean, large.slice(4))).toEqual([true]);
  });

  it('CleanFiles looks into nothing any more once it has ended', async () => {
    const clean = new CleanFiles();
    const file = fileOf('{"nodes":[]}');
    const added = clean.add('workflows/a.1.json', file.content, file);
    await clean.end();
    await added;
    expect(clean.has(file)).toBe(false);
  });
});
