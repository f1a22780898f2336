import { appendFileSync } from 'node:fs';
import { afterAll, afterEach, inject } from 'vitest';
import { grepped, takeLeaks } from './grep.ts';

/** In every test file: a test during which a planted secret came out fails, whatever it is about. */
afterEach(failOnLeak);

afterAll(() => {
  const { outputs, bytes } = grepped();
  appendFileSync(inject('outputTally'), `${outputs} ${bytes}\n`);
  failOnLeak();
});

function failOnLeak(): void {
  const leaks = takeLeaks();
  if (leaks.length > 0) throw new Error(`planted secrets came out:\n${leaks.join('\n')}`);
}
