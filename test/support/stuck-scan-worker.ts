// The thread that scans, with a rule that some texts are too much for.

import { parentPort } from 'node:worker_threads';
import { formatScanner } from '../../src/snapshot/secrets/known-formats.ts';
import { scanTexts } from '../../src/snapshot/secrets/scan-texts.ts';
import type { Task } from '../../src/snapshot/secrets/thread/scan-worker.ts';

/** A text with this is scanned without end. */
export const STUCK = 'stuck-here';
/** A text with this ends the thread. */
export const FATAL = 'fatal-here';

parentPort?.on('message', ({ leaves, rules }: Task) => {
  const has = (what: string): boolean => leaves.some(({ text }) => text.includes(what));
  // As deaf as in a rule without an end, and leaves the processor to the other tests.
  if (has(STUCK)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (has(FATAL)) throw new Error('a rule failed');
  void scanTexts(leaves, rules).then((spans) => parentPort?.postMessage(spans));
});
await formatScanner();
parentPort?.postMessage('ready');
