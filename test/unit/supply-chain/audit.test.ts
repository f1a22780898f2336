import { expect, it } from 'vitest';
import { readAudit } from '../../../scripts/supply-chain/audit.ts';

const finding = (severity: string) => ({
  severity,
  range: '<1.2.4',
  via: ['b', { title: 'Code injection', url: 'https://example.com/advisory' }],
});

it('findings of high and critical severity count', () => {
  const vulnerabilities = {
    low: finding('low'),
    some: finding('moderate'),
    a: finding('high'),
    z: finding('critical'),
  };
  expect(readAudit({ vulnerabilities })).toEqual({
    status: 'audited',
    problems: [
      'a <1.2.4: high: through b; Code injection, https://example.com/advisory',
      'z <1.2.4: critical: through b; Code injection, https://example.com/advisory',
    ],
  });
  expect(readAudit({ vulnerabilities: {} })).toEqual({ status: 'audited', problems: [] });
});

it.each([404, 405, 410, 501])('a registry that answers %d serves no advisories', (statusCode) => {
  expect(readAudit({ message: 'no such thing', statusCode })).toEqual({
    status: 'not-served',
    reason: 'no such thing',
  });
});

it.each([{ statusCode: 503, message: 'down' }, { message: 'getaddrinfo ENOTFOUND' }, {}])(
  'any other failure is no audit: %j',
  (report) => {
    expect(() => readAudit(report)).toThrow('npm audit failed');
  },
);
