import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { limitOf } from '../../../../../src/snapshot/secrets/thread/limits.ts';

const SCAN = fileURLToPath(new URL('../../../../../src/snapshot/secrets/scan.ts', import.meta.url));

describe('the thread that scans', () => {
  it('the thread keeps no process alive that has nothing else to do', () => {
    const program = `
      const { openScanner } = await import(${JSON.stringify(SCAN)});
      const hits = await openScanner().scan(['password = "Tr0ub4dor&3"']);
      console.log(hits.map(({ rule }) => rule).join());`;
    const args = ['--input-type=module', '--eval', program];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })).toBe('named-secret\n');
  });

  it('a text may take ten seconds, and five more for each million characters', () => {
    expect([limitOf(0, 0), limitOf(2_000_000, 0)]).toEqual([10_000, 20_000]);
  });

  it('texts that follow others which took too long get less time, but never less than a second', () => {
    expect([0, 1, 2, 3, 4, 50].map((before) => limitOf(0, before))).toEqual([10_000, 5000, 2500, 1250, 1000, 1000]);
  });
});
