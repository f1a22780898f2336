import { sha256 } from '../../lib/hash.ts';

/**
 * Renames the items of a snapshot whose places differ only in case: on a disk that ignores case they would overwrite
 * each other. Each of them gets the start of a hash of its exact name, so the result depends on the names alone.
 * Returns the new path for each path that has to change.
 */
export function resolveCaseCollisions(paths: Iterable<string>): Map<string, string> {
  const spellings = new Map<string, Set<string>>();
  const all = [...paths];
  for (const path of all) {
    const { item } = split(path);
    const folded = item.toLowerCase();
    const known = spellings.get(folded);
    if (known) known.add(item);
    else spellings.set(folded, new Set([item]));
  }
  const moved = new Map<string, string>();
  for (const path of all) {
    const { item, rest } = split(path);
    if ((spellings.get(item.toLowerCase())?.size ?? 0) < 2) continue;
    moved.set(path, `${item}~${sha256(item).slice(0, 8)}${rest}`);
  }
  return moved;
}

/** The part of a path that names an item (`workflows/a.1`), and what follows it (`.json`, `/rows/0.ndjson`). */
function split(path: string): { item: string; rest: string } {
  const [folder = '', name = ''] = path.split('/', 2);
  if (name === '') return { item: path, rest: '' };
  const item = `${folder}/${name.replace(/(\.published)?\.json$/, '')}`;
  return { item, rest: path.slice(item.length) };
}
