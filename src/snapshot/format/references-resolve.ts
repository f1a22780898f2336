import type { Kind } from '../../kinds/kinds.ts';
import { isHeld, type SnapshotHeader } from './header.ts';
import { parsePath, safeId, slug } from './paths.ts';
import type { ItemReference } from './references.ts';

/**
 * What a snapshot holds, as far as references ask: known from its paths, and for kinds that are one list in one file by
 * the ids in it. No file of a workflow, credential or data table needs to be read for it.
 */
export class SnapshotItems {
  readonly #header: SnapshotHeader;
  /** `kind id`, the id in the form that a path has it. */
  readonly #ids = new Set<string>();
  /** `kind slug`, for old references by name. */
  readonly #slugs = new Set<string>();

  constructor(header: SnapshotHeader, paths: Iterable<string>) {
    this.#header = header;
    for (const path of paths) {
      const item = parsePath(path);
      if (!item || item.role === 'schema') continue;
      this.#ids.add(`${item.part} ${item.id}`);
      this.#slugs.add(`${item.part} ${item.slug}`);
    }
  }

  /** Adds the items of a kind that is one file. */
  addListed(kind: Kind, ids: Iterable<string>): void {
    for (const id of ids) this.#ids.add(`${kind} ${safeId(id)}`);
  }

  /**
   * Whether what a reference names is in the snapshot. A kind that the snapshot does not hold (no licence, not asked
   * for) cannot be judged, and what it would hold counts as there.
   */
  resolves({ to }: ItemReference): boolean {
    if (!this.#holds(to.kind)) return true;
    return to.by === 'id' ? this.#ids.has(`${to.kind} ${safeId(to.id)}`) : this.#slugs.has(`${to.kind} ${slug(to.id)}`);
  }

  #holds(kind: Kind): boolean {
    const entry = this.#header.kinds[kind];
    return entry !== undefined && isHeld(entry);
  }
}
