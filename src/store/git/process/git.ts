// Running git: a closed environment, time limits, cancellation, and errors in plain words. It knows commands,
// no snapshots.

import type { SimpleGit } from 'simple-git';
import { throwIfAborted } from '../../../lib/errors.ts';
import { type GitContext, repositoryVariables } from './git-environment.ts';
import { GitFailure } from './git-failure.ts';

export interface GitOptions {
  readonly signal?: AbortSignal | undefined;
  /** What git reads on stdin; default: nothing. */
  readonly input?: string;
  /** Works in this folder instead of in the repository: for `git init`, which makes it. */
  readonly cwd?: string;
}

/**
 * Runs a command with simple-git and gives what it printed. The few commands that need more than that are listed
 * in git-process.ts. simple-git is loaded on first use, so that a command without a git store does not load it.
 * @throws GitFailure, InterruptedError
 */
export async function git(
  context: GitContext,
  args: readonly string[],
  { signal, input, cwd }: GitOptions = {},
): Promise<string> {
  throwIfAborted(signal);
  const { simpleGit } = await import('simple-git');
  // Without the token: simple-git shows the environment in its debug output, and no command here reaches a server.
  const variables = cwd === undefined ? repositoryVariables(context) : context.environment;
  let failure: GitFailure | undefined;
  try {
    const runner: SimpleGit = simpleGit({
      baseDir: cwd ?? context.workTree ?? context.gitDir,
      // `close` alone: waiting on `exit` too may cut the output short.
      completion: { onClose: true, onExit: false },
      allowEnvironment: Object.keys(variables),
      // simple-git guards against settings that come from strangers; these are our own, see git-environment.ts.
      unsafe: OWN_SETTINGS,
      input: () => input,
      errors: (error, { exitCode, stdErr }) => {
        if (error === undefined && exitCode === 0) return undefined;
        const said = Buffer.concat(stdErr).toString();
        // Below 0 is the system's reason for not starting it, which simple-git gives with its stack.
        failure =
          exitCode < 0
            ? GitFailure.ofSpawn(args, said.replace(/^Error: |\n[^]*/g, ''))
            : new GitFailure(args, exitCode, said);
        return Buffer.from(failure.message);
      },
      ...(signal ? { abort: signal } : {}),
    });
    runner.outputHandler((_command, stdout) => {
      // Where git prints nothing, simple-git waits 50 ms for more, unless it has seen a chunk, were it an empty one.
      stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
    });
    return await runner.env(variables).raw([...args]);
  } catch (error) {
    throwIfAborted(signal);
    throw failure ?? GitFailure.ofSpawn(args, String(error));
  }
}

const OWN_SETTINGS = {
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeFilter: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeTemplateDir: true,
};
