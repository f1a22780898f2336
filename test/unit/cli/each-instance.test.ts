import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { forEachInstance } from '../../../src/cli/each-instance.ts';
import type { Io } from '../../../src/cli/io.ts';
import type { Opened } from '../../../src/cli/open.ts';
import { makeOutput } from '../../../src/cli/output/output.ts';
import type { InstanceConfig } from '../../../src/config/types.ts';
import { FlowkeepError, InterruptedError, UsageError } from '../../../src/lib/errors.ts';
import { EXIT, type ExitCode } from '../../../src/lib/exit-codes.ts';

type Outcome = ExitCode | Error;

/** Runs a job that ends for each instance as said: with a report of that exit code, or with that error. */
async function runAll(outcomes: Readonly<Record<string, Outcome>>, json = false) {
  const texts = { stdout: '', stderr: '' };
  const stop = new AbortController();
  const io: Io = {
    ...{ argv: [], env: {}, cwd: '/', temporaryFolder: '/', pid: 1, signal: stop.signal },
    stdin: () => new PassThrough(),
    stdout: { write: (text) => (texts.stdout += text) },
    stderr: { write: (text) => (texts.stderr += text) },
    onHangup: () => ({ [Symbol.dispose]() {} }),
    allowToStop() {},
    limitMemory() {},
  };
  const flags = { json };
  const output = makeOutput(io, flags);
  const instances = Object.keys(outcomes).map((name) => ({ name }) as InstanceConfig);
  const code = await forEachInstance({ io, flags }, { output } as Opened, instances, {
    async run({ name }) {
      const outcome = outcomes[name]!;
      if (outcome instanceof InterruptedError) stop.abort(outcome);
      if (outcome instanceof Error) throw outcome;
      return { name, outcome };
    },
    print: ({ name }) => output.line(`report of ${name}`),
    document: ({ name }) => ({ instance: name }),
    exitCode: ({ outcome }) => outcome,
  });
  return { code, ...texts };
}

const failure = new FlowkeepError('broken', 'it is broken');

describe('a job for each instance', () => {
  it('goes on after one that fails, and is partial then', async () => {
    const { code, stdout, stderr } = await runAll({ a: EXIT.done, b: failure, c: EXIT.done });
    expect(code).toBe(EXIT.partial);
    expect(stdout).toBe('report of a\nreport of c\n');
    expect(stderr).toContain('it is broken');
  });

  it('has the exit code that all instances share', async () => {
    expect((await runAll({ a: EXIT.done, b: EXIT.done })).code).toBe(EXIT.done);
    expect((await runAll({ a: failure })).code).toBe(EXIT.failed);
    expect((await runAll({ a: new UsageError('x'), b: new UsageError('y') })).code).toBe(EXIT.usage);
    expect((await runAll({ a: EXIT.conflict })).code).toBe(EXIT.conflict);
    expect((await runAll({})).code).toBe(EXIT.done);
  });

  it('ends with an interruption, whatever was done before', async () => {
    const { code, stdout } = await runAll({ a: EXIT.done, b: new InterruptedError(), c: EXIT.done });
    expect(code).toBe(EXIT.interrupted);
    expect(stdout).toBe('report of a\n');
  });

  it('prints one document with --json, errors in it', async () => {
    const { stdout, stderr } = await runAll({ a: EXIT.done, b: failure }, true);
    expect(JSON.parse(stdout)).toEqual({
      instances: [{ instance: 'a' }, { instance: 'b', error: { code: 'broken', message: 'it is broken' } }],
    });
    expect(stderr).toBe('');
  });
});
