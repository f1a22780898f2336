import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import type { Tally } from './sweep.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder in which the files of the suite leave what they counted. */
    crashTallies: string;
  }
}

/** Vitest's setup of the whole project: prints one table at the end, whichever files ran. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-tallies-'));
  project.provide('crashTallies', folder);
  return () => {
    const tallies = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Tally);
    rmSync(folder, { recursive: true });
    process.stdout.write(`\n${toMarkdown(tallies)}\n`);
  };
}

/** Adds to the table that is printed at the end. */
export function report(tally: Tally): void {
  writeFileSync(join(inject('crashTallies'), `${randomUUID()}.json`), JSON.stringify(tally));
}

/** A table in Markdown, as docs/internal/trust.md has it. */
function toMarkdown(tallies: readonly Tally[]): string {
  const inOrder = [...tallies].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const rows = inOrder.map(({ operation, store, points, faults, wrong }) => [
    operation,
    store,
    points,
    faults,
    wrong.length,
  ]);
  const sum = (column: (tally: Tally) => number): number => tallies.reduce((total, each) => total + column(each), 0);
  const total = ['all', '', sum(({ points }) => points), sum(({ faults }) => faults), sum(({ wrong }) => wrong.length)];
  const header = ['operation', 'store', 'points', 'faults', 'wrong results'];
  return [header, header.map(() => '---'), ...rows, total].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function nameOf({ operation, store }: Tally): string {
  return `${operation} ${store}`;
}
