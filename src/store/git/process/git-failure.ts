/** A git process that failed, as it is: git-errors.ts makes of it what a user reads. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  readonly command: string;
  /** null: killed, or it never started. */
  readonly exitCode: number | null;
  readonly stderr: string;
  /** Settings of the repository that might have helped, and that flowkeep does not read. */
  unread: readonly string[] = [];

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    const command = commandOf(args);
    super(`git ${command} failed: ${stderr.trim() || `exit code ${exitCode}`}`);
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }

  /** The operating system would not start git. */
  static ofSpawn(args: readonly string[], reason: string): GitFailure {
    return new GitFailure(args, null, `cannot start git: ${reason}`);
  }

  /** The failure, with settings that flowkeep does not read. */
  whileUnread(settings: readonly string[]): this {
    this.unread = settings;
    return this;
  }

  /** Whether git's words match. git speaks English here (LC_ALL=C). */
  says(pattern: RegExp): boolean {
    return pattern.test(this.stderr);
  }
}

/** The command of git's arguments: what follows `-c name=value` and other options. */
export function commandOf(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-') && !arg.includes('=')) ?? '';
}

/** Whether an error is a git failure with these words. */
export function gitSays(error: unknown, pattern: RegExp): error is GitFailure {
  return error instanceof GitFailure && error.says(pattern);
}
