import { isJsonObject, parseJson } from '../../lib/json/json.ts';
import { parsePath, publishedBeside, README_PATH } from '../format/paths.ts';
import { toEntry, type ReadmeEntry } from './entry.ts';
import { writeReadme } from './write-readme.ts';

interface StoredFile {
  read(): Promise<Uint8Array>;
}

/** What the page is made of and put into: the files that were just read. */
export interface ReadmeFiles {
  readonly files: ReadonlyMap<string, StoredFile>;
  /** What is known of workflows already, by path: these are not read again. */
  readonly entries: ReadonlyMap<string, ReadmeEntry>;
  put(path: string, content: Uint8Array): unknown;
}

/** Adds `README.md`, made of the workflows of this snapshot. */
export async function addReadme(instance: string, staged: ReadmeFiles): Promise<void> {
  const { files, entries } = staged;
  const all: ReadmeEntry[] = [];
  for (const [path, file] of files) {
    if (parsePath(path)?.role !== 'draft') continue;
    const entry = entries.get(path) ?? (await readEntry(path, file, files));
    if (entry) all.push(entry);
  }
  staged.put(README_PATH, Buffer.from(writeReadme(instance, all)));
}

async function readEntry(path: string, file: StoredFile, files: ReadmeFiles['files']): Promise<ReadmeEntry | null> {
  const draft = parseJson(Buffer.from(await file.read()).toString('utf8'));
  const published = files.has(publishedBeside(path));
  return isJsonObject(draft) ? toEntry(path, draft, published) : null;
}
