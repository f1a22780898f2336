import { gzipSync } from 'node:zlib';
import { digestOf, sha256 } from '../../../src/lib/hash.ts';
import { snapshotId } from '../../../src/snapshot/format/snapshot-id.ts';
import type { S3StandIn } from '../s3/stand-in.ts';

export interface TamperedManifest {
  readonly instance: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly takenAt: string;
  /** Changes the header, and the lines of files, before they are hashed and written. */
  readonly header?: (header: Record<string, unknown>) => Record<string, unknown>;
  readonly lines?: (lines: string[]) => string[];
  /** Changes what lies at the key of an object. */
  readonly object?: (path: string, content: Uint8Array) => Uint8Array;
}

/** Puts a snapshot into the bucket as somebody who can write there would: every hash fits, whatever the lines say. */
export function putTampered(s3: S3StandIn, tampered: TamperedManifest): string {
  const { instance, files, takenAt } = tampered;
  const hashes = new Map([...files].map(([path, content]) => [path, { sha256: sha256(content) }]));
  const digest = digestOf(hashes);
  const id = snapshotId(takenAt, digest);
  const lines = [...files].map(([path, content]) => {
    const hash = sha256(content);
    const bytes = tampered.object?.(path, content) ?? gzipSync(content);
    put(s3, `n8n/objects/${hash.slice(0, 2)}/${hash}.gz`, bytes);
    return JSON.stringify([path, hash, content.length]);
  });
  const rest = `${['"body"', ...(tampered.lines?.(lines) ?? lines)].join('\n')}\n`;
  const header = {
    ...{ manifest: 1, id, instance, takenAt, format: 1, n8nVersion: '2.41.1' },
    ...{
      subject: `${instance}: 1 workflow changed`,
      flags: [],
      digest,
      files: lines.length,
      sha256: sha256(rest),
    },
  };
  const first = JSON.stringify(tampered.header?.(header) ?? header);
  put(s3, `n8n/snapshots/${instance}/${id}.ndjson.gz`, Buffer.concat([gzipSync(`${first}\n`), gzipSync(rest)]));
  return id;
}

function put(s3: S3StandIn, key: string, bytes: Uint8Array): void {
  s3.objects.set(key, { bytes: Buffer.from(bytes), lastModified: Date.now(), etag: `"${sha256(bytes)}"` });
}
