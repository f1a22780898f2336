import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The file to which each test file adds what it grepped: outputs and bytes. */
    outputTally: string;
  }
}

/**
 * Around a run of the suite: says how much output was grepped for planted secrets, since a grep of nothing finds
 * nothing.
 */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-tally-'));
  const tally = join(folder, 'tally');
  writeFileSync(tally, '');
  project.provide('outputTally', tally);
  return () => {
    const lines = readFileSync(tally, 'utf8').trimEnd().split('\n');
    rmSync(folder, { recursive: true });
    const [outputs, bytes] = sum(lines);
    console.log(
      `\nGrepped ${outputs} outputs (${bytes} bytes) of ${lines.length} test files of "${project.name}" for planted secrets.`,
    );
    if (outputs > 0 || isPartOfSuite()) return;
    console.error('No output was grepped: the check for leaks did not run.');
    // vitest only reports what a teardown throws; it is the exit code that counts.
    process.exitCode = 1;
  };
}

function sum(lines: readonly string[]): [outputs: number, bytes: number] {
  const numbers = lines.map((line) => line.split(' ').map(Number));
  const total = (column: number): number => numbers.reduce((all, each) => all + (each[column] ?? 0), 0);
  return [total(0), total(1)];
}

/** Whether the command line names files or tests, some of which put out nothing. */
function isPartOfSuite(): boolean {
  return process.argv.slice(2).some((arg) => arg === '-t' || (!arg.startsWith('-') && /[/.]/.test(arg)));
}
