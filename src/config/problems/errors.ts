import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';

export interface ConfigProblem {
  /** Dotted path of the setting (`instances.prod.url`), the name of a variable, or a place in the file. */
  readonly path: string;
  readonly message: string;
  readonly remedy?: string;
}

/** The configuration is wrong: names every problem at once. Exit code 2. No message ever holds a secret. */
export class ConfigError extends FlowkeepError {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  /** `where` is the file, or null where the environment alone was read. */
  constructor(problems: readonly ConfigProblem[], where: string | null, cause?: unknown) {
    super('config', summary(problems, where), { exitCode: EXIT.usage, cause });
    this.problems = problems;
  }
}

function summary(problems: readonly ConfigProblem[], where: string | null): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const lines = problems.map(({ path, message, remedy }) => {
    return `  ${path}: ${message}${remedy === undefined ? '' : `\n    ${remedy}`}`;
  });
  return [`the configuration (${where ?? 'environment variables'}) has ${count}:`, ...lines].join('\n');
}
