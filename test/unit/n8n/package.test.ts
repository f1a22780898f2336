import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { canonicalJsonLine } from '../../../src/lib/json/json.ts';
import { PackageError, readPackage, writePackage } from '../../../src/n8n/package.ts';

type HeaderArgument = Parameters<ReturnType<typeof pack>['entry']>[0];

async function archive(...entries: (readonly [HeaderArgument, string])[]): Promise<Uint8Array> {
  const tar = pack();
  for (const [header, content] of entries) tar.entry(header, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  return gzipSync(Buffer.concat(chunks));
}

describe('a package', () => {
  const entries = [
    ['workflows/a-1/workflow.json', { id: '1', name: 'ünï' }],
    ['manifest.json', { packageFormatVersion: '1' }],
    [`projects/${'long-name-'.repeat(15)}/project.json`, { id: 'p' }],
  ] as const;

  it('a package comes back as it was written, the manifest first', async () => {
    const files = await readPackage(await writePackage(entries));
    expect([...files.keys()][0]).toBe('manifest.json');
    expect(Object.fromEntries(files)).toEqual(Object.fromEntries(entries));
  });

  it('a package has the same bytes each time', async () => {
    expect(await writePackage(entries)).toEqual(await writePackage(entries));
    expect(
      gunzipSync(await writePackage(entries))
        .subarray(0, 13)
        .toString(),
    ).toBe('manifest.json');
  });

  it('a package keeps numbers that a double cannot hold', async () => {
    const bytes = await archive([{ name: 'manifest.json' }, '{"n":12345678901234567890}']);
    const again = await readPackage(await writePackage(await readPackage(bytes)));
    expect(canonicalJsonLine(again.get('manifest.json'))).toBe('{"n":12345678901234567890}');
  });

  it('a package takes what n8n may add: folders, a leading ./, files that are not JSON', async () => {
    const bytes = await archive(
      [{ name: './workflows/', type: 'directory' }, ''],
      [{ name: './manifest.json' }, '{}'],
      [{ name: 'README.md' }, 'hello'],
    );
    expect([...(await readPackage(bytes))]).toEqual([['manifest.json', {}]]);
  });

  it.each([['workflows/../../etc/passwd.json'], ['/etc/passwd.json'], ['a//b.json'], ['a\\b.json']])(
    'a package with the path %s is refused, read or written',
    async (name) => {
      await expect(readPackage(await archive([{ name }, '{}']))).rejects.toThrow(PackageError);
      await expect(
        writePackage([
          ['manifest.json', {}],
          [name, {}],
        ]),
      ).rejects.toThrow(PackageError);
    },
  );

  it('a package with a link or the same path twice is refused', async () => {
    const link = await archive([{ name: 'a.json', type: 'symlink', linkname: '/etc/passwd' }, '']);
    await expect(readPackage(link)).rejects.toThrow(PackageError);
    const twice = await archive([{ name: 'a.json' }, '{}'], [{ name: 'a.json' }, '{}']);
    await expect(readPackage(twice)).rejects.toThrow(PackageError);
  });

  it('a package that unpacks to more than the limits is refused before it fills the memory', async () => {
    const limits = { maxUnpackedBytes: 1_000_000, maxEntries: 2 };
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expect(readPackage(bomb, limits)).rejects.toThrow(/larger than 1000000 bytes/);
    const many = await archive(...['a', 'b', 'c'].map((name) => [{ name: `${name}.json` }, '{}'] as const));
    await expect(readPackage(many, limits)).rejects.toThrow(/more than 2 files/);
  });

  it('a package that is damaged is a PackageError, whatever the damage', async () => {
    const sound = await writePackage(entries);
    await expect(readPackage(new Uint8Array([1, 2, 3]))).rejects.toThrow(PackageError);
    await expect(readPackage(sound.subarray(0, sound.length / 2))).rejects.toThrow(PackageError);
    await expect(readPackage(gzipSync(gunzipSync(sound).subarray(0, 700)))).rejects.toThrow(PackageError);
    await expect(readPackage(await archive([{ name: 'a.json' }, '{"secret":']))).rejects.toThrow(/a\.json.*not valid/);
  });

  it('a package without a manifest is not written', async () => {
    await expect(writePackage([['a.json', {}]])).rejects.toThrow(/manifest/);
  });
});
