// What is damaged in a bucket, by a reading of docs/s3-store.md that shares no code with flowkeep: gunzip, JSON and
// SHA-256 of node alone.

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

export type BucketObjects = ReadonlyMap<string, { readonly bytes: Buffer }>;

/** Path to the SHA-256 of the file, or why it cannot be read. */
export type Snapshot = ReadonlyMap<string, string>;

const PREFIX = 'n8n/';

/** The ids of the manifests that are there, oldest first. */
export function snapshotIds(objects: BucketObjects): string[] {
  const keys = [...objects.keys()].filter((key) => /^n8n\/snapshots\/prod\/[^/]+\.ndjson\.gz$/.test(key));
  return keys.map((key) => key.split('/').at(-1)!.replace('.ndjson.gz', '')).sort();
}

/** The files of a snapshot, each read and hashed; null where the manifest or a file is not what it says. */
export function readSnapshot(objects: BucketObjects, id: string): Snapshot | null {
  try {
    const manifest = objects.get(`${PREFIX}snapshots/prod/${id}.ndjson.gz`);
    const [header = '', ...rest] = gunzipSync(manifest!.bytes).toString('utf8').split('\n');
    const head = JSON.parse(header) as { id: string; instance: string; files: number; sha256: string };
    if (head.id !== id || head.instance !== 'prod' || head.sha256 !== hash(rest.join('\n'))) return null;
    const files = new Map<string, string>();
    for (const line of rest.slice(1).filter((text) => text !== '')) {
      const [path, sha256, size, more = {}] = JSON.parse(line) as [string, string, number, FileMore?];
      const bytes = more.base64 === undefined ? readObject(objects, sha256, more) : Buffer.from(more.base64, 'base64');
      if (bytes.length !== size || hash(bytes) !== sha256) return null;
      files.set(path, sha256);
    }
    return files.size === head.files ? files : null;
  } catch {
    return null;
  }
}

interface FileMore {
  readonly generation?: string;
  readonly base64?: string;
}

function readObject(objects: BucketObjects, sha256: string, { generation }: FileMore): Buffer {
  const name = generation === undefined ? sha256 : `${sha256}.${generation}`;
  return gunzipSync(objects.get(`${PREFIX}objects/${sha256.slice(0, 2)}/${name}.gz`)!.bytes);
}

function hash(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
