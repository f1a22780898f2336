import { StoreError } from '../../errors.ts';
import { type GitEnvironment, withoutToken } from './git-environment.ts';
import { runGitGroup } from './git-process.ts';

/**
 * The oldest git that does what flowkeep relies on: settings by variables (2.31), no configuration of the machine
 * (2.32), and snapshots that survive a power cut (core.fsync, 2.36). Older ones take no notice, in silence.
 */
const NEEDED = { major: 2, minor: 36 } as const;

/** The gits that are new enough, by the PATH in which they were found. One that is not may be replaced meanwhile. */
const newEnough = new Set<string | undefined>();

/**
 * Refuses a git that is too old, asking it once in a process.
 * @throws StoreError `unsupported`, GitFailure where there is no git
 */
export async function requireGit(environment: GitEnvironment, signal?: AbortSignal): Promise<void> {
  const path = environment['PATH'];
  if (newEnough.has(path)) return;
  const nowhere = { gitDir: '/', workTree: null, environment: withoutToken(environment) };
  const { stdout } = await runGitGroup(nowhere, ['--version'], { signal });
  const [, version = stdout.trim().slice(0, 100), major = '', minor = ''] = VERSION.exec(stdout) ?? [];
  if (!isNewEnough(Number(major), Number(minor))) throw tooOld(version);
  newEnough.add(path);
}

/** Such as `git version 2.39.5 (Apple Git-154)` or `git version 2.55.GIT`. */
const VERSION = /^git version ((\d+)\.(\d+)[\w.-]*)/;

function isNewEnough(major: number, minor: number): boolean {
  return major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor);
}

function tooOld(version: string): StoreError {
  const needed = `${NEEDED.major}.${NEEDED.minor}`;
  return new StoreError(
    'unsupported',
    `git ${JSON.stringify(version)} is too old: flowkeep needs git ${needed} or newer`,
    {
      remedy:
        `Install git ${needed} or newer where flowkeep runs (Ubuntu 22.04: from ppa:git-core/ppa), or use the container ` +
        'image, which has one. An older git takes no notice of settings that keep hooks from running and snapshots safe.',
    },
  );
}
