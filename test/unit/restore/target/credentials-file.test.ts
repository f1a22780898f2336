import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/lib/errors.ts';
import { readCredentialsFile } from '../../../../src/restore/target/credentials-file.ts';
import type { CredentialItem, SnapshotModel } from '../../../../src/restore/model/model.ts';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['accessToken'],
  properties: {
    accessToken: { type: 'string' },
    port: { type: 'number' },
    mode: { type: 'string', enum: ['plain', 'tls'] },
  },
};
const credentials: CredentialItem[] = [
  { id: 'c1', name: 'Slack', type: 'slackApi', projectId: null },
  { id: 'c2', name: 'Twin', type: 'slackApi', projectId: null },
  { id: 'c3', name: 'Twin', type: 'slackApi', projectId: null },
];
const source = {
  credentials: new Map(credentials.map((credential) => [credential.id, credential])),
  schemas: new Map([['slackApi', schema]]),
} as unknown as SnapshotModel;
const resolvers = {
  env: (name: string) => (name === 'TOKEN' ? 'from-env' : undefined),
  file: async (path: string) => {
    if (path === 'token.txt') return 'from-file\n';
    throw new Error('ENOENT');
  },
};

async function read(text: string): Promise<Record<string, unknown>> {
  const data = await readCredentialsFile(text, 'c.yaml', source, resolvers);
  return Object.fromEntries([...data].map(([id, secret]) => [id, JSON.parse(secret.reveal()) as unknown]));
}

async function problemsOf(text: string): Promise<string> {
  const error: unknown = await read(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
}

describe('readCredentialsFile', () => {
  it('readCredentialsFile takes values from the file, the environment and other files', async () => {
    const text =
      'Slack: { accessToken: plain, port: 1 }\nc2: { accessToken: { env: TOKEN } }\nc3: { accessToken: { file: token.txt } }';
    expect(await read(text)).toEqual({
      c1: { accessToken: 'plain', port: 1 },
      c2: { accessToken: 'from-env' },
      c3: { accessToken: 'from-file' },
    });
  });

  it('readCredentialsFile takes the list that `n8n export:credentials --decrypted` writes', async () => {
    const list = [{ id: 'c1', name: 'Slack', type: 'slackApi', data: { accessToken: 'x' } }];
    expect(await read(JSON.stringify(list))).toEqual({ c1: { accessToken: 'x' } });
  });

  it('readCredentialsFile names every problem by credential and field, and shows no value', async () => {
    const message = await problemsOf(
      [
        'Slack: { port: "s3cret", mode: s3cret, foo: s3cret }',
        'c2: { accessToken: { env: NOPE } }',
        'c3: { accessToken: { file: gone.txt } }',
        'Nobody: { accessToken: s3cret }',
      ].join('\n'),
    );
    expect(message).not.toContain('s3cret');
    for (const part of [
      '"Slack" (slackApi): field "accessToken" is missing',
      '"Slack" (slackApi): field "port" is not a number',
      '"Slack" (slackApi): field "mode" is not one of "plain", "tls"',
      '"Slack" (slackApi): unknown field "foo"; known fields: "accessToken", "port", "mode"',
      '"c2".accessToken: the environment has no variable NOPE',
      '"c3".accessToken: the file gone.txt cannot be read',
      '"Nobody": the snapshot has no such credential',
    ])
      expect(message).toContain(part);
  });

  it('readCredentialsFile names the command that writes out the credentials and their fields', async () => {
    await expect(read('Nobody: { accessToken: x }')).rejects.toMatchObject({
      remedy: expect.stringContaining('`flowkeep export SNAPSHOT --out DIR`') as string,
    });
  });

  it('readCredentialsFile asks for the id where several credentials have the name', async () => {
    expect(await problemsOf('Twin: { accessToken: x }')).toContain('c2 (slackApi), c3 (slackApi)');
  });

  it('readCredentialsFile does not quote a file that cannot be parsed', async () => {
    expect(await problemsOf('a: [s3cret')).not.toContain('s3cret');
  });
});
