import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Hit } from '../../../../src/snapshot/secrets/hit.ts';
import { textAt } from '../../../../src/snapshot/secrets/place.ts';
import { openScanner } from '../../../../src/snapshot/secrets/scan.ts';
import { whatIsHarmless } from '../../../support/secret-corpus/harmless.ts';
import { heldBackHarmless, heldBackSecrets } from '../../../support/secret-corpus/held-back.ts';
import { inCode } from '../../../support/secret-corpus/in-code.ts';
import { inCommands } from '../../../support/secret-corpus/in-commands.ts';
import { inData } from '../../../support/secret-corpus/in-data.ts';
import { inPlaces } from '../../../support/secret-corpus/in-places.ts';
import { Make, type CorpusCase } from '../../../support/secret-corpus/make.ts';
import { ofServices } from '../../../support/secret-corpus/of-services.ts';

type List = (make: Make) => CorpusCase[];

/** Each list is made several times, with other values: what is found must not hang on one of them. */
const SEEDS = [1, 2, 3];

/** Secrets of the corpus that are not found, and why not: nothing else may be missed, and none of these found. */
const KNOWN_MISSES: Readonly<Record<string, string>> = {
  '.pgpass': 'five words between colons are as often a log line, or an address with a port',
};

/** Harmless texts of the corpus that are taken for secrets, and why. */
const KNOWN_ALARMS: Readonly<Record<string, string>> = {};

const scanner = openScanner();

const SECRETS: readonly (readonly [string, List])[] = [
  ['code', inCode],
  ['commands', inCommands],
  ['bodies, files and connection strings', inData],
  ['parameters, expressions, variables and notes', inPlaces],
  ['formats of services', ofServices],
];

describe('the corpus', () => {
  it('holds at least 150 secrets and 100 harmless texts, each under a title of its own', () => {
    const titles = SECRETS.flatMap(([, list]) => list(new Make(1)).map(({ title }) => title));
    expect(titles.length).toBeGreaterThanOrEqual(150);
    const harmless = whatIsHarmless(new Make(1)).map(({ title }) => title);
    expect(harmless.length).toBeGreaterThanOrEqual(100);
    expect(new Set([...titles, ...harmless]).size).toBe(titles.length + harmless.length);
  });

  it.each(SECRETS)('the scan finds every secret in %s, but for the misses that are known', async (_what, list) => {
    const titles = list(new Make(1)).map(({ title }) => title);
    expect(await failing(list, isFound)).toEqual(titles.filter((title) => title in KNOWN_MISSES));
  });

  it.each(SECRETS)('the scan takes nothing for a secret that only stands beside one in %s', async (_what, list) => {
    expect(await failing(list, isAlone)).toEqual([]);
  });

  it('the scan takes no harmless text of the corpus for a secret, but for the alarms that are known', async () => {
    expect(await failing(whatIsHarmless, isClean)).toEqual(Object.keys(KNOWN_ALARMS));
  });

  it('docs/secrets.md states the rates that are measured here', async () => {
    const docs = readFileSync('docs/secrets.md', 'utf8').replaceAll(/\s+/g, ' ');
    const all: List = (make) => SECRETS.flatMap(([, list]) => list(make));
    for (const [name, secrets, harmless] of [
      ['first', all, whatIsHarmless],
      ['second', heldBackSecrets, heldBackHarmless],
    ] as const) {
      const [missed, taken] = [await failing(secrets, isFound), await failing(harmless, isClean)];
      const [most, rest] = [secrets(new Make(1)).length, harmless(new Make(1)).length];
      expect(docs).toContain(
        `| ${name} corpus, now | ${most - missed.length} of ${most} | ${taken.length} of ${rest} |`,
      );
    }
  });
});

/** The titles of the cases that a scan does not pass with each of the seeds. */
async function failing(list: List, passes: (one: CorpusCase, hits: Hit[]) => boolean): Promise<string[]> {
  const failed = new Set<string>();
  for (const seed of SEEDS)
    for (const one of list(new Make(seed)))
      if (!passes(one, await scanner.scan(one.document, one.what))) failed.add(one.title);
  return [...failed];
}

/** Whether all of the secret would be redacted. */
function isFound({ document, secret }: CorpusCase, hits: readonly Hit[]): boolean {
  return hits.some((hit) => {
    const at = textAt(document, hit.path).indexOf(secret);
    return at >= 0 && hit.start <= at && hit.end >= at + secret.length;
  });
}

/** Whether no hit is apart from the secret. */
function isAlone({ document, secret }: CorpusCase, hits: readonly Hit[]): boolean {
  return hits.every((hit) => {
    const at = textAt(document, hit.path).indexOf(secret);
    return at >= 0 && hit.start < at + secret.length && hit.end > at;
  });
}

function isClean(_one: CorpusCase, hits: readonly Hit[]): boolean {
  return hits.length === 0;
}
