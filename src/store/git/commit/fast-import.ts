import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { GitFailure } from '../process/git-failure.ts';
import type { GitContext } from '../process/git-environment.ts';
import { identityOf } from './identity.ts';
import { startGit } from '../process/git-process.ts';
import type { GitAuthor } from '../options.ts';

/** A commit to write. Its folder is the only thing in which its tree differs from the parent's. */
export interface NewCommit {
  /** Full name of the ref that it moves. */
  readonly ref: string;
  /** null: a commit without parent. */
  readonly parent: string | null;
  readonly message: string;
  readonly author: GitAuthor;
  /** Seconds since 1970. */
  readonly time: number;
  readonly folder: string;
}

export interface WrittenCommit {
  readonly oid: string;
  /** The tree of the commit's folder; null where it has no file. */
  readonly folderTree: string | null;
  /**
   * False where the ref moved meanwhile: the commit is in the repository, but nothing leads to it. git moves a ref only
   * from an ancestor to a descendant, and only if it still is where it was.
   */
  readonly refMoved: boolean;
}

/** Writes changes into the stream of a commit. */
export type WriteChanges = (out: CommitStream) => Promise<void>;

/**
 * Writes one commit with one `git fast-import`, streaming. The ref moves at the very end and only when the stream was
 * complete: whatever ends this process or git before leaves the ref where it was.
 * @throws GitFailure, InterruptedError, and what `writeChanges` throws
 */
export async function writeCommit(
  context: GitContext,
  commit: NewCommit,
  writeChanges: WriteChanges,
  signal?: AbortSignal,
): Promise<WrittenCommit> {
  const git = startGit(context, ['fast-import', '--quiet', '--done', '--date-format=raw'], { signal });
  let answers = '';
  git.child.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString()));
  const out = new CommitStream(git.child.stdin);
  try {
    await out.text(header(commit));
    await writeChanges(out);
    await out.text(`ls ${quotePath(commit.folder)}\n\nget-mark :1\ndone\n`);
    git.child.stdin.end();
  } catch (error) {
    git.child.stdin.destroy();
    const ended = await git.done.then(
      () => null,
      (failure: unknown) => failure,
    );
    await removeCrashReport(context, git.child.pid);
    // A pipe that broke is a consequence: git says why it ended.
    throw isBrokenPipe(error) && ended !== null ? ended : error;
  }
  const refMoved = await git.done.then(() => true, onRejectedRef);
  if (refMoved instanceof Error) {
    await removeCrashReport(context, git.child.pid);
    throw refMoved;
  }
  return { ...parseAnswers(answers), refMoved };
}

/** Writes the commands of one commit, waiting where git reads more slowly than we write. */
export class CommitStream {
  readonly #stdin: Writable;

  constructor(stdin: Writable) {
    this.#stdin = stdin;
  }

  async text(text: string): Promise<void> {
    await this.#write(text);
  }

  async file(path: string, content: Uint8Array): Promise<void> {
    await this.#write(`M 100644 inline ${quotePath(path)}\ndata ${content.length}\n`);
    await this.#write(content);
    await this.#write('\n');
  }

  async existingBlob(path: string, oid: string): Promise<void> {
    await this.#write(`M 100644 ${oid} ${quotePath(path)}\n`);
  }

  async existingTree(path: string, oid: string): Promise<void> {
    await this.#write(`M 040000 ${oid} ${quotePath(path)}\n`);
  }

  async remove(path: string): Promise<void> {
    await this.#write(`D ${quotePath(path)}\n`);
  }

  async #write(data: string | Uint8Array): Promise<void> {
    if (!this.#stdin.writable) throw new BrokenPipe();
    if (this.#stdin.write(data)) return;
    // `drain` never comes once git has ended: whichever happens first.
    const ended = new AbortController();
    try {
      await Promise.race([
        once(this.#stdin, 'drain', { signal: ended.signal }),
        once(this.#stdin, 'close', { signal: ended.signal }),
      ]);
    } finally {
      ended.abort();
    }
    if (!this.#stdin.writable) throw new BrokenPipe();
  }
}

class BrokenPipe extends Error {
  override readonly message = 'git fast-import ended early';
}

/** Also as the system says it, where git ended while something was on its way. */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof BrokenPipe || (error instanceof Error && 'code' in error && error.code === 'EPIPE');
}

function header({ ref, parent, message, author, time }: NewCommit): string {
  const bytes = Buffer.byteLength(message);
  return [
    'feature done',
    `commit ${ref}`,
    'mark :1',
    `committer ${identityOf(author)} ${time} +0000`,
    `data ${bytes}`,
    message,
    ...(parent === null ? [] : [`from ${parent}`]),
    '',
  ].join('\n');
}

/** C-style quoting, as fast-import reads it: any path is safe inside. */
function quotePath(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function onRejectedRef(error: unknown): false | Error {
  if (error instanceof GitFailure) {
    const moved = /not updating refs\/|cannot lock ref .* (but expected|reference already exists)/i;
    return error.says(moved) ? false : error;
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** fast-import answers `ls` with `040000 tree OID<TAB>path` or `missing path`, and `get-mark` with an id. */
function parseAnswers(answers: string): Pick<WrittenCommit, 'oid' | 'folderTree'> {
  const tree = /^040000 tree ([0-9a-f]+)\t/m.exec(answers)?.[1] ?? null;
  const oid = /^([0-9a-f]{40,64})$/m.exec(answers)?.[1];
  if (oid === undefined) throw new Error(`git fast-import did not name the commit it wrote: ${answers}`);
  return { oid, folderTree: tree };
}

/** fast-import leaves a report beside the objects when it is cut off; it would pile up in the repository. */
async function removeCrashReport(context: GitContext, pid: number | undefined): Promise<void> {
  if (pid !== undefined) await rm(join(context.gitDir, `fast_import_crash_${pid}`), { force: true });
}
