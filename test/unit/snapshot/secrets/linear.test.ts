import { describe, expect, it } from 'vitest';
import { applyKnownRule, knownRules, type KnownRule } from '../../../../src/snapshot/secrets/known-formats.ts';
import { scanLeaf } from '../../../../src/snapshot/secrets/rules/leaf.ts';
import { isPlaceholder } from '../../../../src/snapshot/secrets/rules/placeholder.ts';
import { isBasicPair, isPlausible, looksLong } from '../../../../src/snapshot/secrets/rules/plausible.ts';
import { applyRule } from '../../../../src/snapshot/secrets/rules/rule.ts';
import { promiseInQuery } from '../../../../src/snapshot/secrets/rules/secret-name.ts';
import { RULES } from '../../../../src/snapshot/secrets/rules/text-rules.ts';
import {
  FACTOR,
  GENERIC_PUMPS,
  growthOf,
  NAMED_PUMPS,
  patternsOf,
  pumpsFor,
  type Pump,
} from '../../../support/adversarial-texts.ts';
import { IS_FULL } from '../../../support/campaign.ts';
import { Random } from '../../../support/hostile/forgery/random.ts';

/**
 * Linear is `FACTOR`, quadratic is its square. The bound is nearer to that: the longer text also leaves more to the
 * garbage collector, and the caches of the processor.
 */
const MOST = FACTOR * 5;

/** Each rule meets a third of its texts, the same ones each time; all of them with `npm run test:linear`. */
const SHARE = 3;
const random = new Random(Number(process.env.FLOWKEEP_LINEAR_SEED ?? 20_261_128));

/** The texts for which some work takes much longer than for a part of them. */
async function superlinear(pumps: readonly Pump[], work: (text: string) => unknown): Promise<string[]> {
  const found: string[] = [];
  const chosen = IS_FULL || pumps.length < SHARE ? pumps : pumps.filter(() => random.below(SHARE) === 0);
  for (const pump of chosen) {
    const growth = await growthOf(pump, work, MOST);
    if (growth !== null && growth.ratio > MOST) found.push(`${growth.name}: ${growth.ms} ms, ${growth.ratio} times`);
  }
  return found;
}

const knownPatterns: { name: string; rule: KnownRule; patterns: RegExp[] }[] = [];
for (const rule of await knownRules())
  knownPatterns.push({ name: rule.meta.id, rule, patterns: await patternsOf(() => applyKnownRule(rule, 'text')) });

describe('linear time', () => {
  it.each(RULES.map((rule, index) => ({ rule, name: `${rule.rule} (${index})` })))(
    'the rule $name takes time in proportion to a text, whatever the text says',
    async ({ rule }) => {
      const pumps = [...GENERIC_PUMPS, ...pumpsFor(rule.pattern, 2)];
      expect(await superlinear(pumps, (text) => applyRule(rule, text))).toEqual([]);
    },
  );

  it.each(knownPatterns)(
    'the rule $name takes time in proportion to a text, whatever the text says',
    async ({ rule, patterns }) => {
      const pumps = [...GENERIC_PUMPS, ...patterns.flatMap((pattern) => pumpsFor(pattern))];
      expect(await superlinear(pumps, (text) => applyKnownRule(rule, text))).toEqual([]);
    },
  );

  it('what decides whether a value is a secret takes time in proportion to the value', async () => {
    const pumps = [...GENERIC_PUMPS, ...GENERIC_PUMPS.map(ending)];
    const checks = [isPlaceholder, looksLong, (text: string) => isPlausible('password', text), promiseInQuery];
    expect(await superlinear(pumps, (text) => checks.map((check) => check(text)))).toEqual([]);
  });

  it('what decides whether a value is a user and a password takes time in proportion to the value', async () => {
    const pumps = [...GENERIC_PUMPS, ...GENERIC_PUMPS.map(ending)];
    const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
    expect(await superlinear(pumps, (text) => isBasicPair(base64(text)))).toEqual([]);
  });

  it('a text with a name of its own, of any depth of escapes, is read in proportion to its length', async () => {
    const leaf = (text: string, name: string) => ({ text, name, path: ['nodes', 0, 'parameters', 'jsCode'] });
    const names = ['password', 'Cookie', 'text'];
    const work = (text: string): void => names.forEach((name) => scanLeaf(leaf(text, name)));
    expect(await superlinear([...GENERIC_PUMPS, ...NAMED_PUMPS], work)).toEqual([]);
  });

  it('a name that stands for a million values is not read whole for each of them', async () => {
    const names: Pump = { name: 'long', text: (length) => 'a'.repeat(length * 4) };
    const work = (name: string): void => Array.from({ length: name.length }).forEach(() => void promiseInQuery(name));
    expect(await superlinear([names], work)).toEqual([]);
  });
});

/** The same text with an end that nothing expects. */
function ending({ name, text }: Pump): Pump {
  return { name: `${name}, then a NUL`, text: (length) => `${text(length)}\0` };
}
