import { ConfigError, type ConfigProblem } from '../../../src/config/problems/errors.ts';
import { loadConfig, type LoadOptions } from '../../../src/config/load.ts';
import { alertSchema } from '../../../src/daemon/notify/registry.ts';
import type { Config } from '../../../src/config/types.ts';

export interface Given {
  /** Text of /work/flowkeep.yaml, which is found in the current folder. */
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Other files, by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What `--config` names. */
  readonly file?: string;
}

/** Loads a configuration from texts; the current folder is /work. */
export function load({ yaml, env = {}, files = {}, file }: Given): Config {
  const disk = new Map(Object.entries({ ...files, ...(yaml === undefined ? {} : { '/work/flowkeep.yaml': yaml }) }));
  const readFile = (path: string): string => {
    const content = disk.get(path);
    if (content === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return content;
  };
  const options: LoadOptions = { env, cwd: '/work', readFile, alert: alertSchema };
  return loadConfig(file === undefined ? options : { ...options, file });
}

/** The error that loading ends in. */
export function errorOf(given: Given): ConfigError {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** The problems, each by its path. */
export function problemsOf(given: Given): Record<string, ConfigProblem> {
  return Object.fromEntries(errorOf(given).problems.map((problem) => [problem.path, problem]));
}

/** The environment that a minimal config file or environment needs. */
export const KEY = { N8N_API_KEY: 'n8n-key' };
export const MINIMAL = { N8N_URL: 'https://n8n.example.com', ...KEY };

/** What a store gets unless the config says otherwise. */
export const KEPT = { secrets: 'warn', pinData: 'keep', variableValues: 'keep' };

/** A config file of one instance with extra lines below it, and of one store. */
export function yamlWith(instance: string, store = 'type: git, path: ./backup'): string {
  return [
    'instances:',
    '  prod:',
    '    url: https://n8n.example.com',
    '    apiKey: { env: N8N_API_KEY }',
    ...(instance === '' ? [] : instance.split('\n').map((line) => `    ${line}`)),
    'stores:',
    `  repo: { ${store} }`,
    '',
  ].join('\n');
}
