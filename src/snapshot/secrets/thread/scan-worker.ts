// The program of the thread that scans: nothing but this file and what it imports runs there.

import { parentPort } from 'node:worker_threads';
import type { Span } from '../hit.ts';
import { formatScanner } from '../known-formats.ts';
import type { Leaf } from '../leaves.ts';
import { scanTexts, type Rules } from '../scan-texts.ts';

export interface Task {
  readonly leaves: readonly Leaf[];
  readonly rules: Rules;
}

/** `ready`: the program was loaded. Then, for each task, the secrets of each text; null where a rule failed. */
export type Answer = 'ready' | Span[][] | null;

const answer = (message: Answer): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ leaves, rules }: Task) => {
  // A rule that fails at a text has not looked at it: whoever asked says so.
  scanTexts(leaves, rules).then(answer, () => answer(null));
});
// The rules are loaded now: that is no part of what a text takes.
await formatScanner();
answer('ready');
