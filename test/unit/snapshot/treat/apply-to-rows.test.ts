import { describe, expect, it } from 'vitest';
import { markerFor } from '../../../../src/snapshot/secrets/marker.ts';
import { openScanner } from '../../../../src/snapshot/secrets/scan.ts';
import { applyToRows } from '../../../../src/snapshot/treat/apply-to-rows.ts';
import { DEFAULT_POLICY, type FilePolicy } from '../../../../src/snapshot/treat/policy.ts';
import { Make } from '../../../support/secret-corpus/make.ts';

const ROWS = 'data-tables/t.1/rows/0.ndjson';

const policy: FilePolicy = {
  ...DEFAULT_POLICY,
  secrets: 'redact',
  scanner: openScanner(),
  nameOf: () => 'Samples',
  isPlain: () => true,
};

const make = new Make(1);
const googleKey = ['AI', 'za', make.alnum(35)].join('');
const npmToken = ['np', 'm_', make.alnum(36)].join('');
const awsSecret = make.base64Signs(40);

describe('rows of data tables', () => {
  it.each([
    ['in the middle of a line', googleKey, `key: ${googleKey}`],
    ['at the beginning of a line', googleKey, `key:\n${googleKey}`],
    ['behind a line break of Windows', googleKey, `key:\r\n${googleKey}\n`],
    ['behind a tab', googleKey, `key\t${googleKey}`],
    ['behind a control character', googleKey, `key\u0001${googleKey}`],
    ['behind a backslash, with a letter that follows one in an escape', npmToken, `C:\\${npmToken}`],
    ['whole, behind its name', awsSecret, `AWS_SECRET_ACCESS_KEY=${awsSecret}`],
    ['whole, in JSON in JSON', awsSecret, JSON.stringify(`{"SecretAccessKey":"${awsSecret}"}`)],
  ])('a secret in a row is redacted %s', async (_where, secret, note) => {
    const other = '{"id":2,"note":"none"}';
    const text = `${JSON.stringify({ id: 1, note })}\n${other}\n`;
    const { content, findings } = await applyToRows(policy, ROWS, text);
    expect(findings).toMatchObject([{ kind: 'data-tables', name: 'Samples', field: 'rows[1].note' }]);
    const redacted = note.replace(secret, markerFor(findings[0]!.rule));
    expect(Buffer.from(content ?? []).toString()).toBe(`${JSON.stringify({ id: 1, note: redacted })}\n${other}\n`);
  });
});
