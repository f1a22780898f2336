import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printPlan } from '../../../../../src/restore/plan/output/print-plan.ts';
import { inOneLine } from '../../../../../src/lib/printable.ts';
import { displayWidth } from '../../../../../src/lib/columns.ts';
import { callNode, planOf, webhookNode, type Instance } from '../../support.ts';

const SOURCE: Instance = {
  tags: [{ id: 't1', name: 'billing' }],
  packages: [{ name: 'n8n-nodes-x', version: '1.0.0' }],
  credentials: [{ id: 'Cred000000000001', name: 'Stripe' }],
  workflows: [
    {
      id: 'Main000000000001',
      name: 'Invoice sync',
      active: true,
      nodes: [callNode('Sub0000000000001')],
      tags: ['t1'],
    },
    { id: 'Sub0000000000001', name: 'Totals', active: true, nodes: [webhookNode('totals')] },
    { id: 'same1', name: 'Same' },
    { id: 'same2', name: 'Same again' },
  ],
};
const LIVE: Instance = {
  workflows: [
    { id: 'same1', name: 'Same' },
    { id: 'same2', name: 'Same again' },
    { id: 'extra', name: 'Left over', active: true, nodes: [webhookNode('totals')] },
  ],
};

describe('the table', () => {
  test('the table says what happens to which item and why', async () => {
    const text = printPlan(await planOf(SOURCE, LIVE, { only: ['workflow:Invoice sync'] }));
    expect(text).toBe(
      [
        'Restore snapshot live of prod into prod (http://127.0.0.1:5678, n8n 2.41.1)',
        '',
        '  KIND      NAME          ID                WHAT AND WHY',
        '+ tag       billing       t1                create, needed by Invoice sync: missing on the target',
        '+ workflow  Totals        Sub0000000000001  create, needed by Invoice sync: missing on the target',
        '    · not published: the webhook GET totals is already used by the live workflow "Left over" (extra)',
        '    · Unpublish "Left over" (extra) on the target or change its path, then restore again.',
        '+ workflow  Invoice sync  Main000000000001  create: missing on the target',
        '    · not published: it calls workflow "Totals" (Sub0000000000001), which will not be live',
        '    · Restore "Totals" (Sub0000000000001) as well (--only workflow:Sub0000000000001).',
        '',
        'Look at this first: what workflows could do afterwards that they cannot do now',
        '  calls        + Call Sub0000000000001 in Invoice sync → Totals (Sub0000000000001)',
        '',
        'Plan: 3 to create, 2 not published.',
        '',
      ].join('\n'),
    );
  });

  test('the table counts what is unchanged and lists what is not', async () => {
    const text = printPlan(await planOf(SOURCE, LIVE, { prune: true }));
    expect(text).not.toContain('Same');
    expect(text).toContain('unchanged: 2 workflows');
    expect(text).toContain('create and publish: missing on the target');
    expect(text).toContain('- workflow    Left over');
    expect(text).toMatch(/Plan: 4 to create, 1 to delete, 1 left as is, 2 unchanged\.\n/);
  });

  test('the table says that there is nothing to do', async () => {
    expect(printPlan(await planOf(LIVE, LIVE))).toContain('Nothing to do: 3 unchanged.');
    expect(printPlan(await planOf({}, {}))).toContain('Nothing to do: nothing in the snapshot.');
  });

  test('the table shows new ids and those that an item has on the target', async () => {
    const capabilities = { packages: false, credentialIds: true, settings: null };
    const saved = [{ kind: 'workflows', from: 'same1', to: 'OTHER' }] as const;
    const live = { workflows: [{ id: 'OTHER', name: 'Renamed' }] };
    const text = printPlan(await planOf(SOURCE, live, {}, { capabilities, saved }));
    expect(text).toContain('gets a new id: the target does not support package import');
    expect(text).toContain('OTHER on the target (mapping)');
  });

  test('colours through the palette, whole lines, so that widths stay right', async () => {
    const mark = (name: string) => (line: string) => `<${name}>${line}</${name}>`;
    const palette = { bold: mark('b'), dim: mark('d'), green: mark('g'), yellow: mark('y'), red: mark('r') };
    const text = printPlan(await planOf(SOURCE, LIVE, { prune: true }), palette);
    expect(text).toContain('<g>+ tag');
    expect(text).toMatch(/<r>- workflow .*<\/r>/);
    expect(text).toContain('<g>4 to create</g>');
  });

  test('the table has no control character and no line that is too wide, whatever the names hold', async () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 300 }),
        async (names, columns) => {
          const workflows = names.map((each, index) => ({
            id: `w${index}`,
            name: `${each}x`,
            nodes: [callNode('gone000000000001')],
          }));
          const text = printPlan(await planOf({ workflows }, {}), undefined, columns);
          for (const line of text.split('\n')) {
            expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
            expect(displayWidth(line)).toBeLessThanOrEqual(Math.min(120, Math.max(80, columns)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('text of n8n', () => {
  test('escape sequences and changes of direction lose their power', () => {
    expect(inOneLine('a\u001b[31m\nb\u202ec')).toBe('a [31m b c');
  });
});
