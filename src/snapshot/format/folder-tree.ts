/** An entry of folders.json, or of a model. */
interface Folder {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly parentFolderId?: unknown;
}

/** Whatever follows folders up or down calls itself at each level. People click through theirs. */
const MAX_DEPTH = 500;

/**
 * Names a folder that contains itself, directly or through others, or is too deep; null if there is none. n8n makes no
 * folder in itself, and what looks for the top of the tree would not find it.
 */
export function folderProblem(folders: Iterable<Folder>): string | null {
  const byId = new Map([...folders].map((folder) => [folder.id, folder]));
  const depths = new Map<Folder, number>();
  for (const folder of byId.values()) {
    const path = new Set<Folder>();
    let at: Folder | undefined = folder;
    for (; at && !depths.has(at); at = byId.get(at.parentFolderId)) {
      if (path.has(at)) return `${shown(at)} contains itself`;
      path.add(at);
    }
    let depth = at ? depths.get(at)! : 0;
    for (const each of [...path].reverse()) {
      depths.set(each, ++depth);
      if (depth > MAX_DEPTH) return `${shown(each)} is nested more than ${MAX_DEPTH} folders deep`;
    }
  }
  return null;
}

function shown({ id, name }: Folder): string {
  return `folder ${quoted(name)} (${quoted(id)})`;
}

function quoted(text: unknown): string {
  return JSON.stringify(String(text).slice(0, 100));
}
