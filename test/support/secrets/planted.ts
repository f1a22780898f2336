import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { anyOf, secretForms } from '../../../src/lib/secrets/secret-forms.ts';

/**
 * The secrets that the tests of this process gave to flowkeep, in every form in which they could come out again.
 * Servers and helpers plant what they hand out: keys of n8n, secrets of S3, passwords of git, all that a run gets by
 * its environment.
 */
const planted = new Map<string, string>();
let pattern: RegExp | null = null;

/** From now on no output may hold this secret. @returns the secret */
export function plant(secret: string, what: string): string {
  for (const form of secretForms(secret)) planted.set(form, what);
  pattern = null;
  return secret;
}

/** Plants what an environment holds of secrets, also in the files that it names. */
export function plantEnvironment(env: Readonly<Record<string, string | undefined>>, cwd: string): void {
  for (const [name, value = ''] of Object.entries(env)) {
    if (/KMS_KEY_ID|ACCESS_KEY_ID|KNOWN_HOSTS/.test(name)) continue;
    if (/(KEY|TOKEN|SECRET|PASSWORD|PING|WEBHOOK)\w*_FILE$/.test(name)) plantFile(resolve(cwd, value), name);
    else if (/KEY|TOKEN|SECRET|PASSWORD/.test(name)) plant(value, name);
    else if (/(PING|WEBHOOK)_URL$/.test(name)) plantUrl(value, name);
  }
}

/** A URL that is a secret: what it is sent to may show its host, but not the rest. */
export function plantUrl(url: string, what: string): void {
  plant(url, what);
  if (URL.canParse(url)) plant(new URL(url).pathname, what);
}

export interface Finding {
  readonly what: string;
  /** The output around the secret, with the secret left out. */
  readonly context: string;
}

/** The planted secrets that a text holds. */
export function findPlanted(text: string): Finding[] {
  if (planted.size === 0) return [];
  pattern ??= anyOf(planted.keys());
  return [...text.matchAll(pattern)].map(({ 0: form, index }) => {
    const what = planted.get(form) ?? '';
    const [before, after] = [text.slice(Math.max(0, index - 80), index), text.slice(index + form.length)];
    return { what, context: `${before}<${what}>${after.slice(0, 40)}` };
  });
}

/** The lines of a key file that are secret; a file that is missing holds none. */
function plantFile(path: string, what: string): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const line of text.split('\n')) if (!line.startsWith('-----')) plant(line.trim(), what);
}
