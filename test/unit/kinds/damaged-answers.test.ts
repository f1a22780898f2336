import { describe, expect, it } from 'vitest';
import { isN8nError } from '../../../src/n8n/http/errors.ts';
import { parsePackage } from '../../../src/kinds/packages.ts';
import { parseCredential } from '../../../src/kinds/credentials.ts';
import { parseDataTable } from '../../../src/kinds/data-tables.ts';
import { parseFolder } from '../../../src/kinds/folders.ts';
import { parseProject } from '../../../src/kinds/projects.ts';
import { parseTag } from '../../../src/kinds/tags.ts';
import { parseVariable } from '../../../src/kinds/variables.ts';
import { parseWorkflow } from '../../../src/kinds/workflows/workflows.ts';

/** Each with an item as n8n gives it, and the members without which, or with a number for which, it is none. */
const PARSERS = {
  workflow: [
    parseWorkflow,
    { id: 'w', name: 'W', nodes: [{ id: 'n' }], connections: {}, tags: [{ id: 't' }], shared: [] },
    ['id', 'name', 'nodes', 'connections'],
    ['nodes', 'tags', 'shared'],
  ],
  credential: [
    parseCredential,
    { id: 'c', name: 'C', type: 'slackApi', shared: [{ id: 'p', role: 'credential:owner' }] },
    ['id', 'name', 'type'],
    ['shared'],
  ],
  'data table': [
    parseDataTable,
    { id: 'd', name: 'D', columns: [{ id: 'x', name: 'x', type: 'string', index: 0 }] },
    ['id', 'name', 'columns'],
    ['columns'],
  ],
  variable: [parseVariable, { id: 'v', key: 'K', value: '', type: 'string' }, ['id', 'key', 'type'], []],
  tag: [parseTag, { id: 't', name: 'T' }, ['id', 'name'], []],
  project: [parseProject, { id: 'p', name: 'P', type: 'team' }, ['id', 'name', 'type'], []],
  folder: [(value: unknown) => parseFolder(value, 'p'), { id: 'f', name: 'F', tags: [] }, ['id', 'name'], ['tags']],
  'community package': [parsePackage, { packageName: 'n8n-nodes-x' }, ['packageName'], []],
} satisfies Record<
  string,
  [(value: unknown) => unknown, Record<string, unknown>, readonly string[], readonly string[]]
>;

describe.each(Object.entries(PARSERS))('a %s', (_name, [parse, item, needed, lists]) => {
  it('is taken as n8n gives it', () => {
    expect(parse(item)).toMatchObject({});
  });

  it('is refused without a member that every one has, so that nothing is saved by halves', () => {
    for (const member of needed) {
      const rest = Object.fromEntries(Object.entries(item).filter(([key]) => key !== member));
      expect([member, isDamaged(() => parse(rest))]).toEqual([member, true]);
    }
  });

  it('is refused with a member of another type', () => {
    for (const member of [...needed, ...lists])
      expect([member, isDamaged(() => parse({ ...item, [member]: 5 }))]).toEqual([member, true]);
    for (const member of lists)
      expect([member, isDamaged(() => parse({ ...item, [member]: [null] }))]).toEqual([member, true]);
  });

  it.each([[null], ['item'], [[]], [{}]])('is not %j', (value) => {
    expect(isDamaged(() => parse(value))).toBe(true);
  });
});

function isDamaged(parse: () => unknown): boolean {
  try {
    parse();
    return false;
  } catch (error) {
    return isN8nError(error, 'invalid-answer');
  }
}
