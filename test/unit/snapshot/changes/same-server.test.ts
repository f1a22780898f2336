import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../../src/kinds/kinds.ts';
import type { ServerMark } from '../../../../src/snapshot/format/header.ts';
import {
  isSameMark,
  judgeServer,
  liveServer,
  savedServer,
  type KnownServer,
  type ServerVerdict,
} from '../../../../src/snapshot/changes/same-server.ts';
import { nearTotalLoss } from '../../../../src/snapshot/changes/loss.ts';

function server(mark: ServerMark | undefined, ...ids: readonly string[]): KnownServer {
  return {
    mark,
    ids: new Set(ids.map((id) => `workflows/${id}`)),
    items: ids.length,
    kinds: new Set<Kind>(['workflows']),
  };
}

const a = { owner: 'owner-a' };
const b = { owner: 'owner-b' };
const key1 = { instanceId: 'one' };
const key2 = { instanceId: 'two' };

const TABLE: readonly [what: string, before: KnownServer, live: KnownServer, verdict: ServerVerdict][] = [
  ['the same owner, whatever was deleted', server(a, 'x', 'y', 'z'), server(a, 'n'), 'same'],
  ['the same owner with nothing left', server(a, 'x', 'y', 'z'), server(a), 'same'],
  [
    'the same owner after the encryption key changed',
    server({ ...a, ...key1 }, 'x'),
    server({ ...a, ...key2 }),
    'same',
  ],
  ['another owner, items in common', server(a, 'x', 'y', 'z'), server(b, 'x'), 'moved'],
  ['another owner, one item in common of few', server(a, 'x'), server(b, 'x'), 'moved'],
  ['another owner, nothing in common', server(a, 'x'), server(b, 'n'), 'foreign'],
  ['another owner with nothing yet', server(a, 'x'), server(b), 'empty'],
  ['another owner after nothing', server(a), server(b, 'n'), 'same'],
  ['another instance id, no owner, in common', server(key1, 'x', 'y'), server(key2, 'x', 'y'), 'moved'],
  ['another instance id, no owner, nothing in common', server(key1, 'x'), server(key2, 'n'), 'foreign'],
  ['one instance id, which people copy', server(key1, 'x', 'y', 'z'), server(key1, 'n'), 'foreign'],
  ['an old snapshot, one id in common', server(undefined, 'x', 'y', 'z'), server(b, 'z', 'n'), 'same'],
  ['an old snapshot, nothing in common', server(undefined, 'x', 'y', 'z'), server(b, 'n'), 'foreign'],
  ['an old snapshot, nothing there', server(undefined, 'x', 'y', 'z'), server(b), 'empty'],
  ['an old snapshot of one item, nothing there', server(undefined, 'x'), server(undefined), 'empty'],
  ['an old snapshot of two items, both others now', server(undefined, 'x', 'y'), server(b, 'n'), 'same'],
  ['ids of old versions of n8n, which tell nothing', server(undefined, '1', '2', '3'), server(b, 'n'), 'same'],
  ['the same of another owner', server(a, '1', '2', '3'), server(b, '1', '2'), 'foreign'],
  [
    'nobody says anything, and nothing is in common',
    server(undefined, 'x', 'y', 'z'),
    server(undefined, 'n'),
    'foreign',
  ],
  ['now only numbers', server(undefined, 'x', 'y', 'z'), server(undefined, '7'), 'same'],
];

describe('judgeServer', () => {
  it.each(TABLE)('judgeServer knows %s', (_, before, live, verdict) => {
    expect(judgeServer(before, live)).toBe(verdict);
  });

  it('judgeServer counts what people made, and of a live server nothing that was carried over', () => {
    const kinds = {
      workflows: { coverage: 'complete', items: 1 },
      credentials: { coverage: 'unavailable', items: 1, carriedFrom: 'before' },
      'data-tables': { coverage: 'complete', items: 1 },
      variables: { coverage: 'unavailable', items: 12, carriedFrom: 'before' },
      tags: { coverage: 'complete', items: 2 },
      projects: { coverage: 'complete', items: 5 },
    } as const;
    const header = { format: 1, instance: 'prod', n8nVersion: null, kinds };
    const paths = ['workflows/a.x.json', 'workflows/a.x.published.json', 'credentials/c.y.json', 'tags.json'];
    const files = new Map([...paths, 'data-tables/t.z/table.json', 'README.md'].map((path) => [path, {}]));
    const saved = savedServer({ header, files });
    const live = liveServer({ header, files });
    expect([saved.items, [...saved.ids]]).toEqual([17, ['workflows/x', 'credentials/y', 'data-tables/z']]);
    expect([live.items, [...live.ids]]).toEqual([4, ['workflows/x', 'data-tables/z']]);
    expect(judgeServer(server(a, 'x'), { ...live, mark: b, items: 0, ids: new Set() })).toBe('empty');
  });

  it('judgeServer compares the kinds alone that could be read', () => {
    const credentials = (...ids: string[]) => ({
      ...server(undefined),
      ids: new Set(ids.map((id) => `credentials/${id}`)),
      items: 4,
    });
    expect(judgeServer(credentials('x', 'y', 'z'), server(undefined, 'n'))).toBe('same');
  });

  it('isSameMark goes by the owner first, and says where it cannot tell', () => {
    expect(isSameMark({ ...a, ...key1 }, { ...a, ...key2 })).toBe(true);
    expect(isSameMark({ ...a, ...key1 }, { ...b, ...key1 })).toBe(false);
    expect([isSameMark(key1, key1), isSameMark(key1, key2)]).toEqual([true, false]);
    expect([isSameMark(a, key1), isSameMark(undefined, a)]).toEqual([undefined, undefined]);
  });
});

describe('nearTotalLoss', () => {
  const kinds = {
    workflows: { coverage: 'complete', items: 0 },
    credentials: { coverage: 'complete', items: 0 },
  } as const;
  const state = (workflows: number, credentials: number, from = 0, read: object = kinds) => ({
    header: { format: 1, instance: 'prod', n8nVersion: null, kinds: read },
    files: new Map([
      ...Array.from({ length: workflows }, (_, index) => [`workflows/w.w${index + from}.json`, {}] as const),
      ...Array.from({ length: credentials }, (_, index) => [`credentials/c.c${index + from}.json`, {}] as const),
    ]),
  });

  it('nearTotalLoss begins with 90 % of five items, and with every one of three workflows', () => {
    expect(nearTotalLoss(state(5, 5), state(1, 0))).toEqual({ lost: 9, of: 10 });
    expect(nearTotalLoss(state(5, 5), state(1, 1))).toBeNull();
    expect(nearTotalLoss(state(2, 2), state(0, 0))).toBeNull();
    expect(nearTotalLoss(state(3, 1), state(0, 1))).toEqual({ lost: 3, of: 4 });
    expect(nearTotalLoss(state(2, 1), state(0, 1))).toBeNull();
  });

  it('nearTotalLoss goes by ids: what has others now is gone', () => {
    expect(nearTotalLoss(state(5, 0), state(5, 0, 100))).toEqual({ lost: 5, of: 5 });
  });

  it('nearTotalLoss passes over kinds that are no longer read', () => {
    expect(nearTotalLoss(state(0, 6), state(0, 0, 0, { workflows: kinds.workflows }))).toBeNull();
  });
});
