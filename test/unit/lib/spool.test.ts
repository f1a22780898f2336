import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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
