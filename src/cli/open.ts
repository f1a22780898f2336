import { resolve } from 'node:path';
import { createApp, type App } from '../app/app.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import { alertSchema } from '../daemon/notify/registry.ts';
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

/** The effective configuration. @throws ConfigError */
export function readConfig({ io, flags }: Invocation): Config {
  const file = flags.config === undefined ? {} : { file: flags.config };
  return loadConfig({ env: io.env, cwd: io.cwd, alert: alertSchema, ...file });
}

/** @throws ConfigError */
export async function open(invocation: Invocation): Promise<Opened> {
  const { io, flags } = invocation;
  const config = readConfig(invocation);
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
