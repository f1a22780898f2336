import { resolve } from 'node:path';
import { createApp, type App } from '../app/app.ts';
import { loadConfig } from '../config/load.ts';
import type { Tools } from '../lib/tools.ts';
import { makeLogger } from './output/logger.ts';
import { makeOutput, type Output } from './output/output.ts';
import type { GlobalFlags, Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { terminalProgress } from './output/progress.ts';
import { flowkeepVersion } from './version.ts';

/** What most commands begin with: the configuration loaded, the parts wired, somewhere to print. */
export interface Opened extends AsyncDisposable {
  readonly app: App;
  readonly output: Output;
  /** What the command's job works with. */
  readonly tools: Tools;
}

/** @throws ConfigError */
export async function open({ io, flags }: Invocation): Promise<Opened> {
  const config = loadConfig({
    env: io.env,
    cwd: io.cwd,
    ...(flags.config === undefined ? {} : { file: flags.config }),
  });
  const logger = await makeLogger(io, flags.logLevel);
  const app = createApp({
    config,
    env: io.env,
    logger,
    version: flowkeepVersion(),
    temporaryFolder: io.temporaryFolder,
    identityFiles: identityFiles(io, flags),
  });
  return {
    app,
    output: makeOutput(io, flags),
    tools: {
      clock: app.clock,
      logger,
      progress: terminalProgress(io.stderr, flags.quiet === true),
      openSpool: app.openSpool,
      signal: io.signal,
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

/** What `--identity` names, else the environment. */
function identityFiles({ cwd, env }: Io, { identity }: GlobalFlags): string[] {
  const fromEnv = env['FLOWKEEP_IDENTITY_FILE'] ? [env['FLOWKEEP_IDENTITY_FILE']] : [];
  return (identity ?? fromEnv).map((file) => resolve(cwd, file));
}
