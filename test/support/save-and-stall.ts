import { createGitStore } from '../../src/store/git/store.ts';
import { interceptRead, makeDraft } from './drafts.ts';

/** A process for crash tests: saves to the repository named on the command line, and stalls in the middle of it. */
const names = Array.from({ length: 300 }, (_, index) => `flow-${index}.json`);
const draft = makeDraft({ files: Object.fromEntries(names.map((name) => [name, name.repeat(1000)])) });
const stalling = interceptRead(draft, 'flow-299.json', () => {
  process.stdout.write('stalled\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
const path = process.argv[2] ?? '';
await createGitStore({ name: 'repo', path, cacheDir: `${path}-cache`, env: process.env }).save(stalling);
