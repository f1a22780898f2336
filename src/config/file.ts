import { resolve } from 'node:path';
import type { Environment } from './environment/env-values.ts';
import { ConfigError } from './problems/errors.ts';
import { isSection } from './problems/path.ts';
import { parseYaml } from './yaml.ts';

/** Looked for in the current folder, in this order, where nothing names a file. */
const DEFAULT_FILES = ['flowkeep.yaml', 'flowkeep.yml'];

export interface FileOptions {
  /** What `--config` names. */
  readonly file?: string;
  readonly env: Environment;
  readonly cwd: string;
  readonly readFile: (path: string) => string;
}

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly document: Record<string, unknown>;
}

/**
 * The config file: `--config`, else FLOWKEEP_CONFIG, else flowkeep.yaml or flowkeep.yml in the current folder, else
 * null.
 * @throws ConfigError where a named file cannot be read, or where a file is no YAML mapping
 */
export function readConfigFile(options: FileOptions): ConfigFile | null {
  const { file, env, cwd } = options;
  if (file !== undefined) return parse(resolve(cwd, file), readNamed(file, '--config', options));
  const named = env['FLOWKEEP_CONFIG'];
  if (named) return parse(resolve(cwd, named), readNamed(named, 'FLOWKEEP_CONFIG', options));
  for (const name of DEFAULT_FILES) {
    const path = resolve(cwd, name);
    const text = readIfPresent(path, options);
    if (text !== null) return parse(path, text);
  }
  return null;
}

function parse(path: string, text: string): ConfigFile {
  const document = parseYaml(text, path) ?? {};
  if (isSection(document)) return { path, document };
  const remedy = '`flowkeep config init` writes one to start from';
  throw new ConfigError([{ path: 'line 1', message: 'the file is not a mapping of settings', remedy }], path);
}

function readNamed(file: string, source: string, { cwd, readFile }: FileOptions): string {
  const path = resolve(cwd, file);
  try {
    return readFile(path);
  } catch (error) {
    const message = `cannot read the config file (${codeOf(error)})`;
    const remedy = 'check the path, or write a file with `flowkeep config init`';
    throw new ConfigError([{ path: source, message, remedy }], path, error);
  }
}

function readIfPresent(path: string, { readFile }: FileOptions): string | null {
  try {
    return readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    const message = `cannot read the config file (${codeOf(error)})`;
    throw new ConfigError([{ path, message, remedy: 'make it readable for this user, or remove it' }], path, error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
