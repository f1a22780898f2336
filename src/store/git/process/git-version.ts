import type { Logger } from '../../../lib/logger.ts';
import { StoreError } from '../../errors.ts';
import { type GitEnvironment, nowhere } from './git-environment.ts';
import { runGitGroup } from './git-process.ts';

interface Version {
  readonly major: number;
  readonly minor: number;
}

/**
 * The oldest git that is safe to call: settings by variables (2.31), no configuration of the machine (2.32). Older ones
 * take no notice, in silence.
 */
const NEEDED: Version = { major: 2, minor: 32 };

/** The oldest git whose snapshots survive a power cut (core.fsync). Ubuntu 22.04 has 2.34. */
const SYNCS: Version = { major: 2, minor: 36 };

/** The gits that are new enough, by the PATH in which they were found. One that is not may be replaced meanwhile. */
const newEnough = new Set<string | undefined>();

/**
 * Refuses a git that is too old, asking it once in a process, and warns of one that does not sync all that it writes.
 * @throws StoreError `unsupported`, GitFailure where there is no git
 */
export async function requireGit(environment: GitEnvironment, logger: Logger, signal?: AbortSignal): Promise<void> {
  const path = environment['PATH'];
  if (newEnough.has(path)) return;
  const { stdout } = await runGitGroup(nowhere(environment), ['--version'], { signal });
  const [, version = stdout.trim().slice(0, 100), major = '', minor = ''] = VERSION.exec(stdout) ?? [];
  const found = { major: Number(major), minor: Number(minor) };
  if (!isAtLeast(found, NEEDED)) throw tooOld(version);
  if (!isAtLeast(found, SYNCS)) logger.warn({ git: version }, NOT_SYNCED);
  newEnough.add(path);
}

/** Such as `git version 2.39.5 (Apple Git-154)` or `git version 2.55.GIT`. */
const VERSION = /^git version ((\d+)\.(\d+)[\w.-]*)/;

const NOT_SYNCED =
  'git before 2.36 does not sync its refs: a power cut can take the newest snapshot; install a newer one';

function isAtLeast({ major, minor }: Version, least: Version): boolean {
  return major > least.major || (major === least.major && minor >= least.minor);
}

function tooOld(version: string): StoreError {
  const needed = `${NEEDED.major}.${NEEDED.minor}`;
  return new StoreError(
    'unsupported',
    `git ${JSON.stringify(version)} is too old: flowkeep needs git ${needed} or newer`,
    {
      remedy:
        `Install git ${needed} or newer where flowkeep runs, or use the container image, which has one. An older git ` +
        'takes no notice of settings that keep hooks from running.',
    },
  );
}
