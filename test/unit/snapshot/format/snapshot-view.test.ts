import { describe, expect, it } from 'vitest';
import { memoryFile } from '../../../../src/lib/spool.ts';
import { liveView } from '../../../../src/snapshot/format/snapshot-view.ts';

const header = { format: 1, instance: 'prod', n8nVersion: null, kinds: {} } as const;
const bytes = Buffer.from('[]\n');
const view = liveView(header, new Map([['tags.json', memoryFile(bytes)]]), '2026-11-28T00:00:00Z');

describe('what was just read, as a view of a snapshot', () => {
  it('the view of what was just read tells by its hash whether a file has given bytes', () => {
    expect(view.matches('tags.json', Buffer.from('[]\n'))).toBe(true);
    expect(view.matches('tags.json', Buffer.from('[1]\n'))).toBe(false);
    expect(view.matches('users.json', bytes)).toBe(false);
  });

  it('the view of what was just read gives many files with their paths', async () => {
    const read: [string, Uint8Array][] = [];
    for await (const [path, content] of view.readMany(['tags.json'])) read.push([path, content]);
    expect(read).toEqual([['tags.json', bytes]]);
  });

  it('the view of what was just read says of a file that is not there that the live state lacks it', async () => {
    await expect(view.read('users.json')).rejects.toMatchObject({
      code: 'snapshot-format',
      message: 'users.json of the live state cannot be used: it is missing',
    });
  });
});
