import { expect, it } from 'vitest';
import { load, MINIMAL, problemsOf, yamlWith, KEY } from './support.ts';

const withExceptions = (list: string): string => yamlWith('', `type: git, path: ./b, secretExceptions: ${list}`);

it('the exceptions of a store are taken from its settings, and as JSON from the environment', () => {
  const yaml = withExceptions('[{ item: Invoice sync, field: parameters.* }]');
  expect(load({ yaml, env: KEY }).stores[0]).toMatchObject({
    secretExceptions: [{ item: 'Invoice sync', field: 'parameters.*' }],
  });
  const env = { ...MINIMAL, FLOWKEEP_SECRET_EXCEPTIONS: '[{"item":"*","node":"Form"}]' };
  expect(load({ env }).stores[0]).toMatchObject({ secretExceptions: [{ item: '*', node: 'Form' }] });
});

it('an exception that names no place, an unknown kind or an unknown member is refused by its path', () => {
  const yaml = withExceptions('[{ rule: named-secret }, { kind: flows, item: a }, { item: a, nodes: a }]');
  expect(Object.keys(problemsOf({ yaml, env: KEY })).sort()).toEqual([
    'stores.repo.secretExceptions[0]',
    'stores.repo.secretExceptions[1].kind',
    'stores.repo.secretExceptions[2].nodes',
  ]);
});

it.each([
  '{ item: "*" }',
  '{ rule: named-secret, field: "*" }',
  '{ item: "**", node: "*" }',
  '{ node: "*", kind: tags }',
])('an exception of which the place is any place is refused: %s', (exception) => {
  const problems = problemsOf({ yaml: withExceptions(`[${exception}]`), env: KEY });
  expect(problems['stores.repo.secretExceptions[0]']?.message).toContain('would hide every finding');
  expect(Object.keys(problems)).toHaveLength(1);
});

it('exceptions in the environment that are no JSON are refused without being repeated', () => {
  const problems = problemsOf({ env: { ...MINIMAL, FLOWKEEP_SECRET_EXCEPTIONS: '[{item: unquoted}]' } });
  expect(Object.keys(problems)).toHaveLength(1);
  expect(JSON.stringify(problems)).not.toContain('unquoted');
});
