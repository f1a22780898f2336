import { createHash } from 'node:crypto';
import { encodeManifest } from '../../../src/store/objects/manifest.ts';
import type { SnapshotInfo } from '../../../src/store/store.ts';
import { sha256 } from '../../../src/lib/hash.ts';
import type { S3StandIn } from './stand-in.ts';

const HOUR_MS = 60 * 60 * 1000;

/**
 * Puts the manifests of so many snapshots of `prod` into a bucket, an hour apart, without a file: what a listing reads.
 * @param newestAgeMs how long ago the newest was taken
 * @returns their headers, oldest first
 */
export function fillWithManifests(server: S3StandIn, count: number, newestAgeMs = 0): SnapshotInfo[] {
  return Array.from({ length: count }, (_, index) => {
    const time = Date.now() - newestAgeMs - (count - 1 - index) * HOUR_MS;
    const takenAt = `${new Date(time).toISOString().slice(0, 19)}Z`;
    const digest = sha256(`state ${index}`);
    const info: SnapshotInfo = {
      ...{ id: `${takenAt.replaceAll(/[-:]/g, '')}-${digest.slice(0, 8)}`, instance: 'prod', takenAt, format: 1 },
      ...{ n8nVersion: '2.41.1', subject: `prod: 2 workflows changed: Invoice sync ${index}, Lead router` },
      ...{ flags: [], digest },
    };
    const bytes = Buffer.from(encodeManifest({ info, body: '', files: new Map() }));
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    server.objects.set(`n8n/snapshots/prod/${info.id}.ndjson.gz`, { bytes, etag, lastModified: time });
    return info;
  });
}
