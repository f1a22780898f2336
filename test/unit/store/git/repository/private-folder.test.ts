import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../../../src/config/stores/registry.ts';
import { silentLogger } from '../../../../../src/lib/logger.ts';
import { makePrivateFolder } from '../../../../../src/store/git/repository/private-folder.ts';
import { systemClock } from '../../../../../src/lib/time.ts';

const REMEDY = 'Set XDG_CACHE_HOME to a folder of your own.';
const ANOTHER_USER = 65_534;
/** Only root can give a folder to another user. */
const isRoot = process.getuid?.() === 0;
let shared: string;
let path: string;

beforeEach(() => {
  // As /tmp: everybody may put things into it.
  shared = mkdtempSync(join(tmpdir(), 'flowkeep-shared-'));
  chmodSync(shared, 0o1777);
  path = join(shared, 'flowkeep');
  const folder = shared;
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const refused = (message: string) =>
  expect.objectContaining({ message: expect.stringContaining(message) as string, remedy: REMEDY }) as Error;

describe('makePrivateFolder', () => {
  it('makePrivateFolder makes a folder that others cannot enter, and takes it again', () => {
    for (let times = 0; times < 2; times++) {
      expect(makePrivateFolder(path, REMEDY)).toBe(path);
      expect(statSync(path).mode & 0o777).toBe(0o700);
      expect(readdirSync(path)).toEqual([]);
    }
  });

  it('makePrivateFolder refuses a folder that everybody may write to, with the remedy', () => {
    mkdirSync(path);
    chmodSync(path, 0o777);
    expect(() => makePrivateFolder(path, REMEDY)).toThrow(refused('can be written to by everybody'));
    expect(readdirSync(path)).toEqual([]);
  });

  it('makePrivateFolder says so where something else is in the way', () => {
    symlinkSync('/dev/null', path);
    expect(() => makePrivateFolder(path, REMEDY)).toThrow(refused('cannot write to the folder'));
  });

  it.runIf(isRoot)('makePrivateFolder refuses the folder of another user, who may have prepared it', () => {
    mkdirSync(path, { mode: 0o755 });
    chownSync(path, ANOTHER_USER, ANOTHER_USER);
    expect(() => makePrivateFolder(path, REMEDY)).toThrow(refused('belongs to another user'));
  });

  it.runIf(isRoot)("makePrivateFolder refuses another user's link to a folder of one's own", () => {
    const own = join(shared, 'own');
    mkdirSync(own, { mode: 0o700 });
    symlinkSync(own, path);
    expect(makePrivateFolder(path, REMEDY)).toBe(path);
    lchownSync(path, ANOTHER_USER, ANOTHER_USER);
    expect(() => makePrivateFolder(path, REMEDY)).toThrow(refused('belongs to another user'));
  });
});

it('a git store refuses to keep clones of its remote where another user could exchange them', async () => {
  mkdirSync(path);
  chmodSync(path, 0o777);
  const settings = {
    name: 'repo',
    type: 'git',
    remote: 'https://git.example.com/a.git',
    branch: 'main',
    timeout: 1000,
  } as never;
  const empty = { XDG_CACHE_HOME: '', HOME: '' };
  for (const env of [{ XDG_CACHE_HOME: shared }, { TMPDIR: shared }, { ...empty, TMPDIR: shared }]) {
    const opened = openStore(settings, { env, logger: silentLogger, clock: systemClock });
    await expect(opened).rejects.toThrow(refused('can be written to by everybody'));
  }
});
