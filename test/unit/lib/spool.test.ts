import {
  chownSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Spool } from '../../../src/lib/spool.ts';

it('openSpool removes the file of a process that was killed before it could take its name away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const old = 'flowkeep-53a6f839-9e90-4807-9648-6d9ad623d0ee.spool';
  const young = 'flowkeep-63a6f839-9e90-4807-9648-6d9ad623d0ee.spool';
  for (const name of [old, young, 'flowkeep-notes.spool']) writeFileSync(join(folder, name), '');
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for (const name of [old, 'flowkeep-notes.spool']) utimesSync(join(folder, name), anHourAgo, anHourAgo);

  using _spool = new Spool(folder);
  expect(readdirSync(folder).sort()).toEqual([young, 'flowkeep-notes.spool']);
});

/** A folder for temporary files, and something in it that is an hour old and named as a spool. */
function folderWith(make: (path: string) => void): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'flowkeep-53a6f839-9e90-4807-9648-6d9ad623d0ee.spool');
  make(path);
  return { folder, path };
}

it.each([
  ['a folder', (path: string) => mkdirSync(path)],
  ['a link to an old file', (path: string) => symlinkSync('/etc/hostname', path)],
])('openSpool works beside %s that somebody has named as a spool, and leaves it there', (_what, make) => {
  const { folder } = folderWith((path) => {
    make(path);
    lutimesSync(path, 1, 1);
  });
  using spool = new Spool(folder);
  spool.write('a', Buffer.from('b'));
  expect(readdirSync(folder)).toHaveLength(1);
});

it.runIf(process.getuid?.() === 0)("openSpool leaves another user's file alone that is named as a spool", () => {
  const { folder } = folderWith((path) => {
    writeFileSync(path, '');
    chownSync(path, 65_534, 65_534);
    utimesSync(path, 1, 1);
  });
  using _spool = new Spool(folder);
  expect(readdirSync(folder)).toHaveLength(1);
});

it.each([
  ['is not there', () => '/no/such/folder'],
  ['is a file', () => folderWith((path) => writeFileSync(path, '')).path],
])('openSpool names TMPDIR where the folder for temporary files %s, and not the free space', (_what, folderOf) => {
  const folder = folderOf();
  const error = expect.objectContaining({
    message: expect.stringContaining(folder) as string,
    remedy: 'Set TMPDIR to a folder that exists and that this user may write to.',
  }) as Error;
  expect(() => new Spool(folder)).toThrow(error);
});
