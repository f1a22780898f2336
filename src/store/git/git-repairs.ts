import type { DraftFile } from '../store.ts';
import type { Repairs } from '../upkeep.ts';
import { GitStore } from './git-store.ts';
import { addMarks, readMarks } from './repair/marks.ts';

/**
 * A store with a repository of its own, which can be mended. What is here of a remote alone is a clone that is thrown
 * away where it is damaged.
 */
export class RepairingGitStore extends GitStore implements Repairs {
  async markDamaged(objects: Iterable<string>, signal?: AbortSignal): Promise<void> {
    await this.inBranch(signal, async (repairs) => {
      const context = await repairs.find();
      if (context) await addMarks(context, objects);
    });
  }

  async repairNeeded(signal?: AbortSignal): Promise<string[]> {
    return this.inBranch(signal, async (repairs) => {
      const context = await repairs.find();
      return context ? readMarks(context) : [];
    });
  }

  async repair(files: ReadonlyMap<string, DraftFile>, signal?: AbortSignal): Promise<string[]> {
    return this.inBranch(signal, async (repairs) => {
      const { done, healed } = await repairs.mend(files, signal);
      this.work.say(done);
      return [...healed];
    });
  }
}
