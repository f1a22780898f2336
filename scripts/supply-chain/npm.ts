import { execFile } from 'node:child_process';

export interface NpmRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs npm and waits for its end, whatever its exit code. */
export function npm(args: readonly string[], cwd: string): Promise<NpmRun> {
  const options = { cwd, maxBuffer: 256 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile('npm', [...args], options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error('npm did not start', { cause: error }));
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** As `npm`, for a command that must succeed. @returns what it printed on stdout */
export async function npmOutput(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await npm(args, cwd);
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed with exit code ${code}:\n${stderr}\n${stdout}`);
  return stdout;
}
