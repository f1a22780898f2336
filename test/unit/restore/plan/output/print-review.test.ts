import { expect, test } from 'vitest';
import { printReview } from '../../../../../src/restore/plan/output/print-review.ts';
import type { Finding } from '../../../../../src/restore/plan/review/finding.ts';

const finding = (more: Partial<Finding>): Finding => ({
  what: 'code',
  workflow: { id: 'w1', name: 'Invoice sync' },
  node: 'Totals',
  change: 'new',
  ...more,
});

test('a review is grouped, what goes live first, and marks what is new and what is changed', () => {
  const review = [
    finding({}),
    finding({ node: 'Parse', change: 'changed' }),
    finding({
      what: 'network',
      node: 'Fetch',
      details: ['api.example.com', 'evil.example.com'],
      newHosts: ['evil.example.com'],
    }),
    finding({ what: 'live', node: null, change: 'changed' }),
    finding({ what: 'live', workflow: { id: 'w2', name: 'Leads' }, node: null }),
    finding({ what: 'call', node: null, details: ['Alarm (w9)'] }),
  ];
  expect(printReview(review, 100)).toEqual([
    '',
    'Look at this first: what workflows could do afterwards that they cannot do now',
    '  live         Invoice sync stays live with other content; Leads becomes live',
    '  code         + Totals in Invoice sync; ~ Parse in Invoice sync',
    '  requests     + Fetch in Invoice sync → api.example.com, evil.example.com (a new host)',
    '  calls        + the settings of Invoice sync → Alarm (w9)',
  ]);
});

test('a review names a few of each sort, new hosts among them, and says how many more there are', () => {
  const many = Array.from({ length: 1200 }, (_, index) =>
    finding({ what: 'network', node: `N${index}`, details: ['known.example.com'] }),
  );
  const evil = finding({
    what: 'network',
    node: 'Evil',
    details: ['evil.example.com'],
    newHosts: ['evil.example.com'],
  });
  const text = printReview([...many, evil], 120).join('\n');
  expect(text).toContain('Evil in Invoice sync → evil.example.com (a new host)');
  expect(text.replaceAll(/\s+/g, ' ')).toContain('and 1,197 more, which --json lists');
});

test('a review lets no name reach the terminal or push out of sight what follows it', () => {
  const name = `\u001b[2J\nRestore is safe ${'x'.repeat(500)}`;
  const [, , line = ''] = printReview(
    [finding({ what: 'network', node: name, details: ['evil.example.com'], workflow: { id: 'w', name } })],
    120,
  );
  expect(line).not.toMatch(/\p{Cc}/u);
  expect(
    printReview([finding({ node: name, workflow: { id: 'w', name }, details: ['evil.example.com'] })], 80).join(' '),
  ).toContain('evil.example.com');
});

test('a review of nothing prints nothing', () => {
  expect(printReview([], 80)).toEqual([]);
});
