import { describe, expect, it } from 'vitest';
import { displayWidth, fit, padTo, table } from '../../../src/lib/columns.ts';

describe('the width of a text', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['🚀', 2],
    ['👩‍🔧 on call', 10],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['\u001b[31mred\u001b[39m', 3],
  ])('of %j is %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });
});

describe('a text that is fitted', () => {
  it('is cut between whole characters', () => {
    expect(fit('日本語', 4)).toBe('日…');
    expect(fit('👩‍🔧👩‍🔧👩‍🔧', 4)).toBe('👩‍🔧…');
  });

  it('is filled up to the width', () => {
    expect(padTo('日', 4)).toBe('日  ');
    expect(padTo('abcdef', 4)).toBe('abc…');
  });
});

describe('a table', () => {
  it('lines up whatever the names hold', () => {
    const rows = table([
      ['日本 🚀', 'a', 'x'],
      ['\u001b[31mplain\u001b[39m', 'bb', ''],
      ['👩‍🔧', '', 'z'],
    ]);
    expect(rows).toEqual(['日本 🚀  a   x', '\u001b[31mplain\u001b[39m    bb', '👩‍🔧           z']);
  });
});
