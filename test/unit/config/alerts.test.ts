import { describe, expect, it } from 'vitest';
import { printConfig } from '../../../src/config/print.ts';
import { KEY, load, problemsOf, yamlWith } from './support.ts';

const env = { ...KEY, HOOK: 'https://hooks.example.com/planted-hook' };
const alerts = (text: string) => ({ yaml: `${yamlWith('')}alerts: ${text}\n`, env });
const problems = (text: string) => problemsOf(alerts(text));

describe('the list `alerts`', () => {
  it('the list `alerts` gives each channel its settings, and every event unless some are chosen', () => {
    const config = load(
      alerts('[{ type: webhook, url: { env: HOOK } }, { type: ping, url: { env: HOOK }, events: [ended] }]'),
    );
    expect(config.alerts).toMatchObject([
      { type: 'webhook', events: ['failed', 'recovered', 'shrunk', 'unavailable'] },
      { type: 'ping', events: ['ended'] },
    ]);
  });

  it('the list `alerts` is printed without its secrets', () => {
    const text = printConfig(load(alerts('[{ type: webhook, url: { env: HOOK }, instances: [prod] }]')));
    expect(text).toContain('type: webhook');
    expect(text).toContain('url: "[secret]"');
    expect(text).not.toContain('planted-hook');
  });

  it('the list `alerts` is taken whole: the variable of the short form has no effect beside it', () => {
    const given = alerts('[{ type: webhook, url: { env: HOOK } }]');
    const config = load({ ...given, env: { ...env, FLOWKEEP_WEBHOOK_URL: 'https://other.example.com' } });
    expect(config.alerts).toHaveLength(1);
    expect(config.origin.unused).toEqual(['FLOWKEEP_WEBHOOK_URL']);
  });

  it.each([
    [
      '[{ type: webhok, url: { env: HOOK } }]',
      'alerts[0].type',
      'must be one of ping, webhook',
      'did you mean webhook?',
    ],
    ['[{ url: { env: HOOK } }]', 'alerts[0].type', 'is missing', undefined],
    ['[{ type: ping }]', 'alerts[0].url', 'is missing', undefined],
    ['[{ type: ping, url: "https://x" }]', 'alerts[0].url', 'is a secret', undefined],
    ['[{ type: ping, url: { env: NONE } }]', 'alerts[0].url', 'NONE is not set', undefined],
    [
      '[{ type: ping, url: { env: HOOK }, evnts: [ended] }]',
      'alerts[0].evnts',
      'is not a known setting',
      'did you mean events?',
    ],
    [
      '[{ type: ping, url: { env: HOOK }, events: [faild] }]',
      'alerts[0].events[0]',
      'must be one of started, ended',
      undefined,
    ],
    [
      '[{ type: webhook, url: { env: HOOK }, events: [faild] }]',
      'alerts[0].events[0]',
      'must be one of',
      'did you mean failed?',
    ],
    [
      '[{ type: webhook, url: { env: HOOK }, instances: [prd] }]',
      'alerts[0].instances[0]',
      'is not the name of an instance',
      'did you mean prod?',
    ],
    ['[webhook]', 'alerts[0]', 'must be a section, not text', undefined],
    ['{ webhok: { env: HOOK } }', 'alerts.webhok', 'is not a known setting', 'did you mean webhook?'],
    ['{ webhook: "https://x" }', 'alerts.webhook', 'is a secret', undefined],
    ['webhook', 'alerts', 'must be a section or a list, not text', undefined],
  ])('%s: %s %s', (text, path, message, remedy) => {
    const found = problems(text);
    expect(Object.keys(found)).toEqual([path]);
    expect(found[path]?.message).toContain(message);
    if (remedy !== undefined) expect(found[path]?.remedy).toBe(remedy);
  });
});
