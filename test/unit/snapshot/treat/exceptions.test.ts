import { expect, it } from 'vitest';
import { isExcepted } from '../../../../src/snapshot/treat/exceptions.ts';
import type { SecretFinding } from '../../../../src/snapshot/treat/finding.ts';

const finding: SecretFinding = {
  kind: 'workflows',
  id: 'wf1',
  name: 'Invoice sync',
  node: 'Form',
  field: 'parameters.jsCode',
  rule: 'named-secret',
};

it.each([
  { item: 'wf1' },
  { item: 'Invoice sync' },
  { item: 'Inv*s*c' },
  { item: '*', node: 'Form', field: 'parameters.*', rule: 'named-secret' },
  { kind: 'workflows', field: '*Code' },
])('an exception fits where all that it names does: %o', (exception) => {
  expect(isExcepted(finding, [{ item: 'other' }, exception])).toBe(true);
});

it.each([
  { item: 'invoice sync' },
  { item: 'wf' },
  { item: 'Invoice sync', node: 'Call' },
  { field: 'parameters' },
  { field: 'parameters.jsCode*jsCode' },
  { kind: 'variables', item: '*' },
  { item: '*', rule: 'github-token' },
])('an exception does not fit where a part of it does not: %o', (exception) => {
  expect(isExcepted(finding, [exception])).toBe(false);
});

it('nothing is excepted without an exception', () => {
  expect(isExcepted(finding, [])).toBe(false);
});
