import { open, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { FlowkeepError, messageOf, UsageError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/make-folder.ts';

/** Lies in the folder for as long as the export is not finished; also after it was killed. */
export const INCOMPLETE_FILE = 'INCOMPLETE.txt';

const INCOMPLETE_TEXT =
  'This export is not finished: either flowkeep is still writing, or it was stopped.\n' +
  'If no flowkeep is running, delete this folder and export again.\n';

/** A new or empty folder that an export is written to. */
export class OutputFolder {
  readonly path: string;
  readonly #folders = new Set<string>();
  files = 0;
  bytes = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder, and marks it as incomplete before anything else is written.
   * @throws UsageError where it is not empty, or not a folder
   */
  static async create(path: string): Promise<OutputFolder> {
    const folder = new OutputFolder(resolve(path));
    await folder.#attempt(folder.path, () => makeFolder(folder.path));
    const entries = await folder.#attempt(folder.path, () => readdir(folder.path));
    if (entries.includes(INCOMPLETE_FILE))
      throw new UsageError(`${path} holds an export that was not finished`, 'Delete the folder, or give another one.');
    if (entries.length > 0) throw new UsageError(`${path} is not empty`, 'Give a new or an empty folder with --out.');
    await folder.#write(INCOMPLETE_FILE, Buffer.from(INCOMPLETE_TEXT));
    return folder;
  }

  /**
   * Writes a new file. @throws FlowkeepError `export` where the path leaves the folder, is taken, or the disk is full
   */
  async write(path: string, content: Uint8Array): Promise<void> {
    await this.#write(path, content);
    this.files += 1;
    this.bytes += content.length;
  }

  /** Removes the mark: everything is there, and on the disk. */
  async finish(): Promise<void> {
    await rm(join(this.path, INCOMPLETE_FILE));
  }

  async #write(path: string, content: Uint8Array): Promise<void> {
    const target = resolve(this.path, path);
    // The last of several checks: whatever a caller forgot, nothing lands outside.
    if (!target.startsWith(this.path.endsWith(sep) ? this.path : this.path + sep))
      throw new FlowkeepError('export', `${JSON.stringify(path)} is outside of ${this.path}: it was not written`);
    const folder = dirname(target);
    await this.#attempt(target, async () => {
      if (!this.#folders.has(folder)) await makeFolder(folder);
      this.#folders.add(folder);
      // `wx`: a file that is there belongs to somebody else, or is this one's twin on a disk that ignores case.
      const file = await open(target, 'wx');
      try {
        await file.writeFile(content);
        await file.datasync();
      } finally {
        await file.close();
      }
    });
  }

  async #attempt<T>(target: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof FlowkeepError) throw error;
      throw new FlowkeepError('export', `cannot write ${target}: ${messageOf(error)}`, {
        remedy: 'Check the permissions and free disk space of the folder given with --out.',
        cause: error,
      });
    }
  }
}
