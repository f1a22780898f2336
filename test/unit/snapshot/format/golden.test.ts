import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../../src/snapshot/format/header.ts';
import { HEADER_PATH, README_PATH } from '../../../../src/snapshot/format/paths.ts';
import { MemoryStore } from '../../../support/memory-store.ts';
import { canonicalJson, type JsonObject } from '../../../../src/lib/json/json.ts';
import { startReplay, type Answers } from '../../../golden/replay.ts';
import { latestFiles, takeBackup } from '../../../support/backup.ts';

const GOLDEN = join(import.meta.dirname, '../../../golden/v1');

/** The files of the golden snapshot. README.md is a page for people, not part of the format. */
function goldenFiles(): Map<string, string> {
  const root = join(GOLDEN, 'snapshot');
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): [string, string] => [relative(root, path), readFileSync(path, 'utf8')])
      .filter(([path]) => path !== README_PATH)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A file without the members that were added since the golden snapshot was taken: all else has the same bytes. */
function asThen(path: string, content: string): string {
  if (path !== HEADER_PATH) return content;
  const { server: _server, ...header } = JSON.parse(content) as JsonObject;
  return canonicalJson(header);
}

describe('format version 1', () => {
  it('format version 1 gives these bytes for this state of n8n', async () => {
    const answers = JSON.parse(readFileSync(join(GOLDEN, 'answers.json'), 'utf8')) as Answers;
    await using n8n = await startReplay(answers);
    const store = new MemoryStore();
    await takeBackup({ url: n8n.url, apiKey: 'replayed' }, { store });
    const files = await latestFiles(store);
    files.delete(README_PATH);
    expect([...files.keys()].sort()).toEqual([...goldenFiles().keys()]);
    for (const [path, content] of goldenFiles()) expect(asThen(path, files.get(path)!), path).toBe(content);
  });

  it('format version 1 is read by this flowkeep', () => {
    const header = readHeader(Buffer.from(goldenFiles().get(HEADER_PATH)!), 'the golden snapshot');
    expect(header).toMatchObject({ format: 1, instance: 'prod', n8nVersion: '2.41.1' });
    expect(Object.values(header.kinds).every((kind) => kind.coverage === 'complete')).toBe(true);
  });
});
