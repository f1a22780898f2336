import type { SimpleGit } from 'simple-git';
import { throwIfAborted } from '../../../lib/errors.ts';
import { GitFailure } from './git-failure.ts';
import { type GitContext, repositoryVariables } from './git-process.ts';

/**
 * Runs a one-shot command that changes the local repository (init, update-ref, read-tree, gc) with simple-git and gives
 * what it printed. simple-git is loaded on first use: an unchanged run, which only reads, does without it.
 * @throws GitFailure, InterruptedError
 */
export async function gitCommand(
  context: GitContext,
  args: readonly string[],
  options: { readonly signal?: AbortSignal | undefined; readonly input?: string; readonly cwd?: string } = {},
): Promise<string> {
  throwIfAborted(options.signal);
  const { simpleGit } = await import('simple-git');
  let failure: GitFailure | undefined;
  const variables = options.cwd === undefined ? repositoryVariables(context) : { ...context.environment };
  const git: SimpleGit = simpleGit({
    baseDir: options.cwd ?? context.workTree ?? context.gitDir,
    // `close` alone: waiting on `exit` too may cut the output short.
    completion: { onClose: true, onExit: false },
    allowEnvironment: Object.keys(variables),
    // simple-git guards against settings that come from strangers; these are our own, see git-environment.ts.
    unsafe: OWN_SETTINGS,
    input: () => options.input ?? '',
    errors: (error, result) => {
      if (error === undefined && result.exitCode === 0) return undefined;
      const stderr = Buffer.concat(result.stdErr).toString();
      failure = new GitFailure(args, result.exitCode, Buffer.isBuffer(error) ? error.toString() : stderr);
      return Buffer.from(failure.message);
    },
    ...(options.signal ? { abort: options.signal } : {}),
  });
  try {
    return await git.env(variables).raw([...args]);
  } catch (error) {
    throwIfAborted(options.signal);
    throw failure ?? error;
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
