import { execFileSync } from 'node:child_process';
import { digestOf, sha256 } from '../../../src/lib/hash.ts';
import { snapshotId } from '../../../src/snapshot/format/snapshot-id.ts';

/** An entry of a git tree as git stores it: nothing checks its name. */
export interface TreeEntry {
  readonly mode: '100644' | '100755' | '120000' | '160000' | '040000';
  readonly name: string | Buffer;
  readonly oid: string;
}

export interface TamperedCommit {
  readonly instance: string;
  /** Path below the instance's folder to content; folders are made of the slashes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Entries that files cannot express, by the folder that they are put into ('' is the instance's own). */
  readonly extra?: (repository: Repository) => Readonly<Record<string, readonly TreeEntry[]>>;
  readonly takenAt: string;
  /** Replaces lines of the message. */
  readonly message?: (message: string) => string;
}

/** A repository as somebody with write access to it sees it: objects are written by hand, without git's checks. */
export class Repository {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.git(['init', '--quiet', '--initial-branch=main', '--template=', path], '', '/');
  }

  git(args: readonly string[], input: string | Uint8Array = '', cwd = this.path): string {
    const identity = { name: 'Mallory', email: 'mallory@example.com' };
    const env = {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: identity.name,
      GIT_AUTHOR_EMAIL: identity.email,
      GIT_COMMITTER_NAME: identity.name,
      GIT_COMMITTER_EMAIL: identity.email,
    };
    return execFileSync('git', [...args], { cwd, env, input, stdio: 'pipe', maxBuffer: 2 ** 28 })
      .toString()
      .trim();
  }

  object(type: 'blob' | 'tree' | 'commit', content: Uint8Array): string {
    return this.git(['hash-object', '-w', '-t', type, '--literally', '--stdin'], content);
  }

  /** A tree of exactly these entries, in exactly this order: names may repeat, leave the folder or be empty. */
  tree(entries: readonly TreeEntry[]): string {
    const records = entries.map(({ mode, name, oid }) =>
      Buffer.concat([
        Buffer.from(`${mode.replace(/^0/, '')} `),
        Buffer.from(name),
        Buffer.from([0]),
        Buffer.from(oid, 'hex'),
      ]),
    );
    return this.object('tree', Buffer.concat(records));
  }

  /** Commits a snapshot whose digest and id fit its regular files: nothing but the content itself gives it away. */
  commit(commit: TamperedCommit): string {
    const { instance, files } = commit;
    const extra = commit.extra?.(this) ?? {};
    const folder = this.#folder('', [...files], extra);
    const root = this.tree([{ mode: '040000', name: instance, oid: folder }]);
    const message = messageOf(commit);
    const parent = this.#head();
    const args = ['commit-tree', root, ...(parent === null ? [] : ['-p', parent])];
    const oid = this.git(args, commit.message?.(message) ?? message);
    this.git(['update-ref', 'refs/heads/main', oid]);
    return oid;
  }

  #head(): string | null {
    try {
      return this.git(['rev-parse', '--verify', '--quiet', 'refs/heads/main']);
    } catch {
      return null;
    }
  }

  #folder(
    at: string,
    files: readonly (readonly [string, Uint8Array])[],
    extra: Readonly<Record<string, readonly TreeEntry[]>>,
  ): string {
    const children = Map.groupBy(files, ([path]) => path.split('/', 1)[0] ?? '');
    const entries = [...children].map(([name, below]): TreeEntry => {
      const [only] = below;
      if (only?.[0] === name) return { mode: '100644', name, oid: this.object('blob', only[1]) };
      const inside = below.map(([path, content]) => [path.slice(name.length + 1), content] as const);
      const place = at === '' ? name : `${at}/${name}`;
      return { mode: '040000', name, oid: this.#folder(place, inside, extra) };
    });
    entries.push(...(extra[at] ?? []));
    return this.tree(entries.sort(inGitOrder));
  }
}

function messageOf({ instance, files, takenAt }: TamperedCommit): string {
  const hashes = new Map([...files].map(([path, content]) => [path, { sha256: sha256(content) }]));
  const digest = digestOf(hashes);
  return [
    `${instance}: 1 workflow changed`,
    '',
    `Flowkeep-Snapshot: ${snapshotId(takenAt, digest)}`,
    `Flowkeep-Instance: ${instance}`,
    'Flowkeep-Format: 1',
    'N8n-Version: 2.41.1',
    `Flowkeep-Digest: ${digest}`,
    '',
  ].join('\n');
}

/** git sorts a folder as if its name ended in a slash. */
function inGitOrder(a: TreeEntry, b: TreeEntry): number {
  return Buffer.compare(sortKey(a), sortKey(b));
}

function sortKey({ mode, name }: TreeEntry): Buffer {
  return Buffer.concat([Buffer.from(name), Buffer.from(mode === '040000' ? '/' : '')]);
}
