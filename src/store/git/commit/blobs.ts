import type { Readable } from 'node:stream';
import { RepositoryDamage } from '../repair/repository-damage.ts';
import { blobId } from '../../blob-id.ts';
import type { GitContext } from '../process/git-environment.ts';
import { startGit } from '../process/git-process.ts';

/** One object that `git cat-file` gave. */
export interface CatFileAnswer {
  readonly oid: string;
  readonly type: string;
  readonly content: Buffer;
}

/**
 * Reads many objects with one `git cat-file --batch`, in the order of the names; null for one that is missing. The
 * names are sent as the answers are taken, so that memory holds one object at a time.
 */
export async function* catFile(
  context: GitContext,
  names: Iterable<string>,
  signal?: AbortSignal,
): AsyncGenerator<CatFileAnswer | null> {
  const { child, done } = startGit(context, ['cat-file', '--batch'], { signal });
  const reader = new ByteReader(child.stdout);
  try {
    for (const name of names) {
      child.stdin.write(`${name}\n`);
      const header = await reader.line();
      const match = /^([0-9a-f]+) (\w+) (\d+)$/.exec(header);
      if (!match) {
        yield null;
        continue;
      }
      const [, oid = '', type = '', size = ''] = match;
      const content = await reader.take(Number(size));
      await reader.take(1);
      yield { oid, type, content };
    }
  } catch (error) {
    await done;
    throw error;
  } finally {
    child.stdin.end();
    child.stdout.resume();
  }
  await done;
}

/**
 * Reads blobs by id and checks each against its id: git itself does not when it reads.
 * @throws StoreError `integrity` naming `label(index)`
 */
export async function* readBlobs(
  context: GitContext,
  oids: readonly string[],
  label: (index: number) => string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  let index = 0;
  for await (const answer of catFile(context, oids, signal)) {
    const oid = oids[index] ?? '';
    if (!answer || blobId(answer.content, oid.length) !== oid) throw damaged(label(index), oid);
    yield answer.content;
    index += 1;
  }
}

function damaged(label: string, oid: string): RepositoryDamage {
  return new RepositoryDamage(
    `${label} is damaged or missing in the repository (blob ${oid})`,
    'Run `git fsck` there, and fetch the object from another clone of the repository.',
  );
}

/** Takes lines and exact numbers of bytes from a stream. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString();
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  async take(size: number): Promise<Buffer> {
    const parts = [this.#rest];
    let length = this.#rest.length;
    while (length < size) {
      const chunk = await this.#next();
      parts.push(chunk);
      length += chunk.length;
    }
    const all = parts.length === 1 ? this.#rest : Buffer.concat(parts, length);
    this.#rest = all.subarray(size);
    return all.subarray(0, size);
  }

  async #next(): Promise<Buffer> {
    const next = await this.#chunks.next();
    if (next.done === true) throw new Error('git cat-file ended early');
    return next.value;
  }
}
