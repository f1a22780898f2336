import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/lib/hash.ts';
import {
  decodeHeader,
  decodeManifest,
  encodeManifest,
  HEADER_BYTES,
  type Manifest,
  type ManifestFile,
} from '../../../../src/store/objects/manifest.ts';

const info = {
  id: '20261123T015442Z-3f9a1c2b',
  instance: 'prod',
  takenAt: '2026-11-23T01:54:42Z',
  format: 1,
  n8nVersion: '2.41.1',
  subject: 'prod: 1 workflow changed',
  flags: ['shrunk'] as const,
  digest: '3f9a1c2b',
};
const manifest: Manifest = {
  info,
  body: 'changed:\n  Invoice sync\n',
  files: new Map<string, ManifestFile>([
    ['flowkeep.json', { sha256: sha256('{}\n'), size: 3, inline: Buffer.from('{}\n') }],
    ['workflows/a "b" ü.1.json', { sha256: sha256('a'), size: 1, object: sha256('a') }],
    ['workflows/c.2.json', { sha256: sha256('c'), size: 1, object: `${sha256('c')}.0123abcd` }],
  ]),
};

describe('a manifest', () => {
  it('a manifest says the same after it was written and read', async () => {
    expect(await decodeManifest(encodeManifest(manifest), 'it')).toEqual(manifest);
  });

  it('a manifest has the same bytes each time', () => {
    expect(encodeManifest(manifest)).toEqual(encodeManifest(structuredClone(manifest)));
  });

  it('a manifest tells its header from its first bytes', () => {
    expect(decodeHeader(encodeManifest(manifest).subarray(0, HEADER_BYTES), 'it')?.info).toEqual(info);
    expect(decodeHeader(encodeManifest(withFiles(5000)).subarray(0, HEADER_BYTES), 'it')?.info).toEqual(info);
  });

  it('a manifest says so where the first bytes do not hold the header', () => {
    const long = {
      ...manifest,
      info: { ...info, subject: Array.from({ length: 2000 }, (_, i) => sha256(`${i}`)).join() },
    };
    expect(decodeHeader(encodeManifest(long).subarray(0, HEADER_BYTES), 'it')).toBeNull();
  });

  it('a manifest is lines of JSON for whoever has gunzip', () => {
    const lines = gunzipSync(encodeManifest(manifest)).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { manifest: 1, id: info.id, files: 3 },
      manifest.body,
      ['flowkeep.json', sha256('{}\n'), 3, { base64: 'e30K' }],
      ['workflows/a "b" ü.1.json', sha256('a'), 1],
      ['workflows/c.2.json', sha256('c'), 1, { generation: '0123abcd' }],
    ]);
  });

  it('a manifest of ten thousand files takes some hundred kilobytes', () => {
    expect(encodeManifest(withFiles(10_000)).length).toBeLessThan(600_000);
  });

  it('a manifest that is damaged anywhere is refused, or reads as it was', async () => {
    const bytes = encodeManifest(withFiles(20));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const spoiled = Uint8Array.from(bytes);
        spoiled[at] = (spoiled[at] ?? 0) ^ mask;
        const read = await decodeManifest(spoiled, 'manifest x').catch((error: unknown) => error);
        // Some bytes of a gzip header, such as its time, mean nothing to a reader.
        if (read instanceof Error) expect(read).toMatchObject({ reason: 'integrity' });
        else expect(read).toEqual(withFiles(20));
      }),
    );
  });

  it('a manifest that is cut off is refused', async () => {
    const bytes = encodeManifest(manifest);
    for (const length of [0, 5, 40, bytes.length - 1]) {
      await expect(decodeManifest(bytes.subarray(0, length), 'it')).rejects.toMatchObject({
        reason: 'integrity',
      });
    }
  });

  it('a manifest of a newer flowkeep is refused with a remedy', async () => {
    const lines = gunzipSync(encodeManifest(manifest)).toString().replace('"manifest":1', '"manifest":2');
    const { gzipSync } = await import('node:zlib');
    await expect(decodeManifest(gzipSync(lines), 'it')).rejects.toMatchObject({
      reason: 'format',
      remedy: expect.stringContaining('newest flowkeep') as string,
    });
  });
});

function withFiles(count: number): Manifest {
  const files = new Map(
    Array.from({ length: count }, (_, index): [string, ManifestFile] => {
      const hash = sha256(`${index}`);
      return [
        `workflows/some-workflow-name-${index}.${hash.slice(0, 16)}.json`,
        { sha256: hash, size: 6000 + index, object: hash },
      ];
    }),
  );
  return { info, body: '', files };
}
