import { isJsonObject, parseJson } from '../../lib/json.ts';
import { README_PATH } from '../paths.ts';
import { toEntry, type ReadmeEntry } from './entry.ts';
import { writeReadme } from './write-readme.ts';

/** What the page is made of and put into: the files that were just read. */
export interface ReadmeFiles {
  readonly files: ReadonlyMap<string, { read(): Promise<Uint8Array> }>;
  readonly put: (path: string, content: Uint8Array) => unknown;
}

const DRAFT = /^workflows\/[^/]+(?<!\.published)\.json$/;

/** Adds `README.md`, made of the workflows of this snapshot, one of which is in memory at a time. */
export async function addReadme(instance: string, { files, put }: ReadmeFiles): Promise<void> {
  const entries: ReadmeEntry[] = [];
  for (const [path, file] of files) {
    if (!DRAFT.test(path)) continue;
    const draft = parseJson(Buffer.from(await file.read()).toString('utf8'));
    const published = files.has(path.replace(/\.json$/, '.published.json'));
    if (isJsonObject(draft)) entries.push(toEntry(path, draft, published));
  }
  put(README_PATH, Buffer.from(writeReadme(instance, entries)));
}
