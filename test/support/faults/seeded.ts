import { createHash } from 'node:crypto';

/** A number from 0 up to, but not including, 1, that depends on nothing but these words. */
export function seededNumber(...words: readonly (string | number)[]): number {
  return createHash('sha256').update(words.join('\n')).digest().readUInt32BE(0) / 2 ** 32;
}

/** One of these, told by a seeded number. */
export function pickOne<T>(choices: readonly T[], number: number): T {
  const chosen = choices[Math.floor(number * choices.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
}

/**
 * What kind of request this is, without ids, hashes and times: `GET /api/v1/workflows/{}`. Those differ from one server
 * to the next, and a seed has to mean the same faults on all of them.
 */
export function shapeOf(method: string, target: string): string {
  const url = new URL(target, 'http://server');
  const path = url.pathname.split('/').map((part) => (isIdentifier(part) ? '{}' : part));
  return [`${method} ${path.join('/')}`, ...[...url.searchParams.keys()].sort()].join('&');
}

function isIdentifier(part: string): boolean {
  return /^v1$|^n8n/.test(part) ? false : /\d|^[a-f]{2}$|.{16,}/.test(part);
}
