import { sha256 } from '../../../src/lib/hash.ts';
import type { StoredSnapshot } from '../../../src/store/store.ts';

/** So many files of a few kilobytes, each different: larger than what a manifest holds itself. */
export function workflows(count: number, edition = ''): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `workflows/flow-${index}.json`);
  return Object.fromEntries(names.map((name) => [name, content(`${name}${edition}`)]));
}

/** A kilobyte of text that no other seed gives. */
export function content(seed: string): string {
  return `${Array.from({ length: 16 }, (_, line) => sha256(`${seed} ${line}`)).join('\n')}\n`;
}

export async function readAll(snapshot: StoredSnapshot | null): Promise<Record<string, string>> {
  if (snapshot === null) throw new Error('there is no snapshot');
  const files: Record<string, string> = {};
  for await (const [path, bytes] of snapshot.readMany(snapshot.files.keys()))
    files[path] = Buffer.from(bytes).toString();
  return files;
}
