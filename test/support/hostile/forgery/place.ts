import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createGitStore } from '../../../../src/store/git/store.ts';
import type { Store } from '../../../../src/store/store.ts';
import { S3StandIn } from '../../s3/stand-in.ts';
import { createS3Store } from '../../s3/store.ts';
import type { Random } from './random.ts';

/** What a store lists of a snapshot, as somebody who can write to the store sees it. */
export interface Meta {
  readonly id: string;
  readonly takenAt: string;
  readonly n8nVersion: string | null;
  readonly subject: string;
  readonly flags: readonly string[];
  readonly digest: string | null;
}

/** A snapshot as it is stored, without flowkeep. */
export interface RawSnapshot {
  readonly meta: Meta;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** A place where somebody can write: a git repository, or a bucket. */
export interface Place extends AsyncDisposable {
  readonly type: 'git' | 's3';
  open(): Store;
  /** Remembers what is there as genuine; `reset` puts it back. @returns the snapshots, oldest first */
  remember(): RawSnapshot[];
  reset(): void;
  /** Puts another snapshot in the place of the newest genuine one; null removes it. */
  replaceNewest(snapshot: RawSnapshot | null): void;
  /** Spoils stored bytes below the store's own checks. @returns false where the place has nothing of the kind */
  spoil(random: Random): boolean;
}

const INSTANCE = 'prod';

export async function gitPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'flowkeep-forgery-'));
  const path = join(folder, 'backup');
  const git = (args: string[], input: Uint8Array | string = ''): Buffer =>
    execFileSync('git', args, {
      cwd: path,
      input,
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: 'pipe',
      maxBuffer: 2 ** 28,
    });
  const text = (...args: string[]): string => git(args).toString().trim();
  let head = '';
  const read = (commit: string): RawSnapshot => {
    const paths = text('ls-tree', '-r', '--name-only', `${commit}:${INSTANCE}`).split('\n');
    const files = paths.map((each) => [each, git(['cat-file', 'blob', `${commit}:${INSTANCE}/${each}`])] as const);
    const message = text('log', '-1', '--format=%B', commit);
    const trailer = (name: string): string | null => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? null;
    const id = trailer('Flowkeep-Snapshot') ?? '';
    const meta = {
      id,
      takenAt: timeOf(id),
      n8nVersion: trailer('N8n-Version'),
      subject: message.split('\n')[0] ?? '',
      flags: (trailer('Flowkeep-Flags') ?? '').split(', ').filter((flag) => flag !== ''),
      digest: trailer('Flowkeep-Digest'),
    };
    return { meta, files: new Map(files) };
  };
  return {
    type: 'git',
    open: () => createGitStore({ name: 'repo', path, cacheDir: join(folder, 'cache'), env: process.env }),
    remember() {
      head = text('rev-parse', 'main');
      return text('rev-list', '--reverse', 'main').split('\n').map(read);
    },
    reset: () => void git(['update-ref', 'refs/heads/main', head]),
    replaceNewest(snapshot) {
      if (snapshot === null) return void git(['update-ref', 'refs/heads/main', `${head}~1`]);
      const { meta, files } = snapshot;
      const lines = [
        `Flowkeep-Snapshot: ${meta.id}`,
        `Flowkeep-Instance: ${INSTANCE}`,
        'Flowkeep-Format: 1',
        ...(meta.n8nVersion === null ? [] : [`N8n-Version: ${meta.n8nVersion}`]),
        ...(meta.flags.length === 0 ? [] : [`Flowkeep-Flags: ${meta.flags.join(', ')}`]),
        ...(meta.digest === null ? [] : [`Flowkeep-Digest: ${meta.digest}`]),
      ];
      const message = Buffer.from(`${meta.subject}\n\n${lines.join('\n')}\n`);
      const time = Math.floor(Date.parse(meta.takenAt) / 1000);
      const parts: Buffer[] = [
        Buffer.from(`commit refs/heads/main\ncommitter M <m@example.com> ${time} +0000\ndata ${message.length}\n`),
        message,
        Buffer.from(`from ${head}~1\nD ${INSTANCE}\n`),
      ];
      for (const [file, bytes] of files)
        parts.push(
          Buffer.from(`M 100644 inline ${INSTANCE}/${file}\ndata ${bytes.length}\n`),
          bytes,
          Buffer.from('\n'),
        );
      git(['fast-import', '--quiet', '--force'], Buffer.concat(parts));
    },
    spoil: () => false,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

export async function s3Place(): Promise<Place> {
  const s3 = await S3StandIn.start();
  let genuine = new Map(s3.objects);
  const folder = `n8n/snapshots/${INSTANCE}/`;
  const manifests = (): string[] => [...genuine.keys()].filter((key) => key.startsWith(folder)).sort();
  const bytesAt = (key: string): Buffer => gunzipSync(s3.objects.get(key)!.bytes);
  const put = (key: string, bytes: Buffer): void => {
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    s3.objects.set(key, { bytes, lastModified: Date.now(), etag });
  };
  const read = (key: string): RawSnapshot => {
    const [header = '', , ...lines] = bytesAt(key).toString().trimEnd().split('\n');
    const files = lines.map((line) => {
      const [path, hash, , more] = JSON.parse(line) as [string, string, number, { base64?: string }?];
      const inline = more?.base64;
      return [path, inline === undefined ? bytesAt(objectKey(hash)) : Buffer.from(inline, 'base64')] as const;
    });
    return { meta: JSON.parse(header) as Meta, files: new Map(files) };
  };
  return {
    type: 's3',
    open: () => createS3Store(s3.storeOptions()),
    remember() {
      genuine = new Map(s3.objects);
      return manifests().map(read);
    },
    reset() {
      s3.objects.clear();
      for (const [key, object] of genuine) s3.objects.set(key, object);
    },
    replaceNewest(snapshot) {
      s3.objects.delete(manifests().at(-1)!);
      if (snapshot === null) return;
      const { id, takenAt, n8nVersion, subject, flags, digest } = snapshot.meta;
      const lines = [...snapshot.files].map(([path, bytes]) => {
        const hash = createHash('sha256').update(bytes).digest('hex');
        if (!s3.objects.has(objectKey(hash))) put(objectKey(hash), gzipSync(bytes));
        return JSON.stringify([path, hash, bytes.length]);
      });
      const rest = `${['""', ...lines].join('\n')}\n`;
      const sha256 = createHash('sha256').update(rest).digest('hex');
      const info = { manifest: 1, id, instance: INSTANCE, takenAt, format: 1, n8nVersion, subject, flags, digest };
      const header = JSON.stringify({ ...info, files: lines.length, sha256 });
      put(`${folder}${id}.ndjson.gz`, Buffer.concat([gzipSync(`${header}\n`), gzipSync(rest)]));
    },
    spoil(random) {
      const key = random.pick([...genuine.keys()].filter((each) => /\/(objects|snapshots)\//.test(each)));
      const bytes = Buffer.from(genuine.get(key)!.bytes);
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      put(key, bytes);
      return true;
    },
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  };
}

function objectKey(hash: string): string {
  return `n8n/objects/${hash.slice(0, 2)}/${hash}.gz`;
}

function timeOf(id: string): string {
  return id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, '$1-$2-$3T$4:$5:$6Z');
}
