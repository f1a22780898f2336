import type { Kind } from '../../kinds/kinds.ts';
import type { SnapshotHeader } from './header.ts';
import { partOf, safeId, slug } from './paths.ts';
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
      const part = partOf(path);
      const item = itemOfPath(path);
      if (part === null || item === null) continue;
      this.#ids.add(`${part} ${item.id}`);
      this.#slugs.add(`${part} ${item.slug}`);
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
    return to.by === 'id'
      ? this.#ids.has(`${to.kind} ${safeId(to.id)}`)
      : this.#slugs.has(`${to.kind} ${slug(to.id)}`);
  }

  #holds(kind: Kind): boolean {
    const entry = this.#header.kinds[kind];
    return entry !== undefined && (entry.coverage === 'complete' || entry.carriedFrom !== undefined);
  }
}

/** Slug and id of `workflows/<slug>.<id>.json` and its like, or null for a file that is no item's own. */
export function itemOfPath(path: string): { slug: string; id: string } | null {
  const [folder, name = ''] = path.split('/', 2);
  if (folder === 'credential-schemas' || folder === 'workflow-state') return null;
  const match = /^([^.]+)\.([^.]+)(?:(?:\.published)?\.json)?$/.exec(name);
  if (!match) return null;
  const [, first = '', second = ''] = match;
  // What a name that differed from another in case alone was given (see collision.ts) is not part of the id.
  return { slug: first, id: second.replace(/~[0-9a-f]{8}$/, '') };
}
