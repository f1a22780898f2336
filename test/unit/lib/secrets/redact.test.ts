import fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FlowkeepError, messageOf } from '../../../../src/lib/errors.ts';
import { redact } from '../../../../src/lib/secrets/redact.ts';
import { Secret } from '../../../../src/lib/secrets/secret.ts';

const TOKEN = 'tök€n/with+odd="signs"&<more>\\%';
new Secret(TOKEN);

describe('a secret that this process knows is hidden', () => {
  test.each([
    ['as it is', TOKEN],
    ['in JSON', JSON.stringify({ error: TOKEN })],
    ['as a path segment', encodeURIComponent(TOKEN)],
    ['in lower-case percent codes', encodeURIComponent(TOKEN).replace(/%../g, (code) => code.toLowerCase())],
    ['as a field of a form', new URLSearchParams({ token: TOKEN }).toString()],
    ['in a query', new URL(`https://host/?token=${encodeURIComponent(TOKEN)}`).search],
    ['in hex', Buffer.from(TOKEN).toString('hex')],
    ['in upper-case hex', Buffer.from(TOKEN).toString('hex').toUpperCase()],
    [
      'in HTML',
      TOKEN.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ],
    ['in base64', Buffer.from(TOKEN).toString('base64')],
    ['in base64url', Buffer.from(TOKEN).toString('base64url')],
    ['in base64 within a URL', encodeURIComponent(Buffer.from(TOKEN).toString('base64'))],
  ])('%s', (_form, text) => {
    const shown = redact(`before ${text} after`);
    expect(shown).toMatch(/^before .*\[secret\].* after$/);
    expect(shown.length).toBeLessThan(text.length);
  });

  test.each(['', 'u', 'us', 'user', 'x-access-token'])(
    'a secret that this process knows is hidden in HTTP basic authentication of the user "%s"',
    (user) => {
      const shown = redact(`Authorization: Basic ${Buffer.from(`${user}:${TOKEN}`).toString('base64')}`);
      expect(shown).toContain('[secret]');
      expect(Buffer.from(shown.split(' ')[2] ?? '', 'base64').toString()).not.toContain(TOKEN.slice(-8));
    },
  );

  test('a secret that this process knows is hidden whatever stands before and after it in base64', () => {
    const anything = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(anything, anything, (before, after) => {
        const encoded = Buffer.concat([before, Buffer.from(TOKEN), after]).toString('base64');
        expect(redact(encoded)).toContain('[secret]');
      }),
    );
  });

  test('a secret that this process knows is hidden in the message and the remedy of an error', () => {
    const error = new FlowkeepError('any', `the server said ${TOKEN}`, { remedy: `do not use ${TOKEN}` });
    expect(error.message).toBe('the server said [secret]');
    expect(error.remedy).toBe('do not use [secret]');
    expect(messageOf(new Error(`the system said ${TOKEN}`))).toBe('the system said [secret]');
  });

  test('a secret that this process knows is hidden wherever the secret itself is printed', () => {
    const secret = new Secret(TOKEN);
    expect([String(secret), JSON.stringify({ secret }), inspect({ secret })]).toEqual([
      '[secret]',
      '{"secret":"[secret]"}',
      '{ secret: [secret] }',
    ]);
    expect(secret.reveal()).toBe(TOKEN);
  });
});

test('a secret that holds another one is hidden whole', () => {
  new Secret('https://hooks.example/inner-secret/outer');
  new Secret('inner-secret');
  expect(redact('https://hooks.example/inner-secret/outer failed')).toBe('[secret] failed');
  expect(redact('inner-secret failed')).toBe('[secret] failed');
});

test('what is too short to be told from innocent text is left, and so are digits alone', () => {
  new Secret('key');
  new Secret('1234567890');
  expect(redact('the key of 1234567890 items')).toBe('the key of 1234567890 items');
});

describe('a secret that changes', () => {
  const valueOf = (index: number): string => `value-${index}-of-a-token`;
  const hidden = (value: string): boolean => redact(`it was ${value}.`) === 'it was [secret].';

  test('a secret that changes is hidden as it was the last 50 times, and forgotten as it was before', () => {
    let index = 0;
    const secret = new Secret(valueOf(0), { read: () => valueOf(index), partsOf: (value) => [`part-of-${value}`] });
    for (index = 1; index < 60; index++) secret.reveal();
    const values = Array.from({ length: 60 }, (_, at) => valueOf(at));
    expect(values.map(hidden)).toEqual(values.map((_, at) => at >= 10));
    expect(values.map((value) => hidden(`part-of-${value}`))).toEqual(values.map((_, at) => at >= 10));
  });

  test('a secret that changes is not forgotten where another secret has that value, or it has it again', () => {
    let value = 'shared-by-two-secrets';
    const secret = new Secret(value, { read: () => value });
    new Secret(value);
    let again = 'now-and-then-the-same';
    const flapping = new Secret(again, { read: () => again });
    for (let index = 0; index < 60; index++) {
      value = `other-${index}-of-a-token`;
      secret.reveal();
      again = index % 2 === 0 ? `between-${index}-of-a-token` : 'now-and-then-the-same';
      flapping.reveal();
    }
    expect(hidden('shared-by-two-secrets')).toBe(true);
    expect(hidden('now-and-then-the-same')).toBe(true);
  });
});
