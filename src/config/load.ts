// The configuration: file and environment in, one checked `Config` out, with every problem reported at once.
// Only settings and their checks enter; opening what they describe belongs in `app/`.

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crossCheck } from './schema/cross-checks.ts';
import type { Environment } from './environment/env-values.ts';
import { readEnvironment, type EnvironmentPart } from './environment/environment.ts';
import { ConfigError, type ConfigProblem } from './problems/errors.ts';
import { readConfigFile, type ConfigFile } from './file.ts';
import { formatPath } from './problems/path.ts';
import { problemsOf, type LocatedProblem } from './problems/problems.ts';
import { configSchema, type AlertSchema } from './schema/schema.ts';
import type { Config, ParsedConfig } from './types.ts';
import { referredVariables, unknownVariables } from './environment/unknown-variables.ts';

export interface LoadOptions {
  /** What `--config` names; relative to `cwd`. */
  readonly file?: string;
  readonly env: Environment;
  /** Absolute. */
  readonly cwd: string;
  /** Default: reads UTF-8 text from the disk. */
  readonly readFile?: (path: string) => string;
  /** One entry of `alerts`: only the daemon knows what channels there are. */
  readonly alert: AlertSchema;
}

/**
 * The effective configuration, from the config file and, for what that leaves out, the environment. Relative paths in
 * the file start from its folder, those in variables from `cwd`.
 * @throws ConfigError that lists every problem there is; syntax errors of the file come alone
 */
export function loadConfig(options: LoadOptions): Config {
  const { env, cwd, readFile = (path: string) => readFileSync(path, 'utf8') } = options;
  const file = readConfigFile({ ...options, readFile });
  const environment = readEnvironment(env, cwd, file?.document ?? null);
  const document = { ...withoutEmpty(file?.document ?? {}), ...environment.sections };
  const schema = configSchema({ env, readFile, baseDir: file ? dirname(file.path) : cwd }, options.alert);

  const parsed = schema.safeParse(document);
  const problems = [
    ...[...problemsOf(parsed.error?.issues ?? [], schema, document), ...crossCheck(document)].map((problem) =>
      traced(problem, environment.variables),
    ),
    ...environment.problems,
    ...unknownVariables(env, file?.document),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems, file?.path ?? null);
  return toConfig(parsed.data, originOf(file, environment));
}

/** A section that is named but left empty (`http:`) counts as left out. */
function withoutEmpty(document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null));
}

/** The problem, with the variable in place of the path where the environment gives the setting, or would. */
function traced(problem: LocatedProblem, variables: ReadonlyMap<string, string>): ConfigProblem {
  for (let length = problem.path.length; length > 0; length--) {
    const variable = variables.get(formatPath(problem.path.slice(0, length)));
    if (variable === undefined) continue;
    const { message, remedy } = problem;
    return message === 'is missing'
      ? { path: variable, message: 'is not set', remedy: missingRemedy(variable) }
      : { path: variable, message, ...(remedy === undefined ? {} : { remedy }) };
  }
  return { ...problem, path: formatPath(problem.path) };
}

function missingRemedy(variable: string): string {
  if (variable === 'N8N_URL') return 'set it, or write a config file with `flowkeep config init`';
  return variable === 'N8N_API_KEY' ? 'set it, or N8N_API_KEY_FILE to a file that holds the key' : 'set it';
}

/** The configuration as the rest of flowkeep uses it: lists of named things. */
function toConfig({ instances, stores, ...rest }: ParsedConfig, origin: Config['origin']): Config {
  return {
    ...rest,
    instances: named(instances).map((instance) => ({
      ...instance,
      stores: instance.stores ?? Object.keys(stores),
    })),
    stores: named(stores),
    origin,
  };
}

function named<Section extends object>(sections: Record<string, Section>): ({ name: string } & Section)[] {
  return Object.entries(sections).map(([name, section]) => ({ name, ...section }));
}

function originOf(file: ConfigFile | null, { used, unused }: EnvironmentPart): Config['origin'] {
  // A variable that the file refers to has its effect there.
  const referred = referredVariables(file?.document);
  return {
    file: file?.path ?? null,
    used,
    unused: unused.filter((variable) => !referred.includes(variable)),
  };
}
