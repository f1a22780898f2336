import { describe, expect, it } from 'vitest';
import { counted, KIND, kindOfWord, KINDS, RESTORE_ORDER } from '../../../src/kinds/kinds.ts';

describe('the definitions of kinds', () => {
  it('give each kind a place of its own in a restore', () => {
    expect(new Set(KINDS.map((kind) => KIND[kind].restoreOrder)).size).toBe(KINDS.length);
    expect(RESTORE_ORDER[0]).toBe('community-packages');
    expect(RESTORE_ORDER.at(-1)).toBe('workflows');
  });

  it.each(KINDS)('lead every word for %s to it alone', (kind) => {
    const { singular, plural, aliases } = KIND[kind];
    for (const word of [kind, singular, plural, ...aliases, singular.toUpperCase().replace(' ', '_')])
      expect(kindOfWord(word)).toBe(kind);
    expect([counted(kind, 1), counted(kind, 3)]).toEqual([`1 ${singular}`, `3 ${plural}`]);
  });
});
