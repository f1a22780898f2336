import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { printConfig } from '../../../../src/config/print.ts';
import { errorOf, KEY, load, MINIMAL, problemsOf, yamlWith } from '../support.ts';

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const other = await identityToRecipient(await generateX25519Identity());

const withEncrypt = (encrypt: string) => yamlWith('', `type: git, path: ./backup, encrypt: ${encrypt}`);

describe('encrypt', () => {
  it('the encrypt setting takes recipients of either type of key, from the list and from a file, each once', async () => {
    const postQuantum = await identityToRecipient(await generateHybridIdentity());
    const files = { '/work/keys.txt': `# ops\n${other}\n\n${recipient}\n${postQuantum}\n` };
    const env = { FLOWKEEP_ENCRYPT_RECIPIENTS: recipient, FLOWKEEP_ENCRYPT_RECIPIENTS_FILE: 'keys.txt' };
    const config = load({ env: { ...MINIMAL, ...env }, files });

    expect(config.stores[0]?.encrypt).toEqual({ recipients: [recipient, other, postQuantum] });
  });

  it('the encrypt setting is not there unless it is asked for', () => {
    expect(load({ env: MINIMAL }).stores[0]).not.toHaveProperty('encrypt');
  });

  it('the encrypt setting names the place of a recipient that is none', () => {
    const yaml = withEncrypt(`{ recipients: [${recipient}, ${recipient.slice(0, -1)}x, ssh-ed25519 AAAA] }`);
    const problems = problemsOf({ yaml, env: KEY });

    expect(problems['stores.repo.encrypt.recipients[1]']?.message).toBe('is not an age public key');
    expect(problems['stores.repo.encrypt.recipients[2]']?.message).toBe('is an SSH key, not an age key');
    expect(Object.keys(problems)).toHaveLength(2);
  });

  it.each([
    ['in the config file', { yaml: withEncrypt(`{ recipients: [${identity}] }`), env: KEY }],
    ['in a variable', { env: { ...MINIMAL, FLOWKEEP_ENCRYPT_RECIPIENTS: identity } }],
    [
      'in the file of recipients',
      {
        env: { ...MINIMAL, FLOWKEEP_ENCRYPT_RECIPIENTS_FILE: 'keys.txt' },
        files: { '/work/keys.txt': `${recipient}\n${identity}\n` },
      },
    ],
  ])('the encrypt setting refuses an identity %s without repeating it', (_where, given) => {
    const error = errorOf(given);

    expect(error.message).toContain('is an identity, which must not be written into the configuration');
    expect(error.message.toLowerCase()).not.toContain(identity.slice(15, 40).toLowerCase());
  });

  it('the encrypt setting names the line of a file that is wrong, and a file that cannot be read or is empty', () => {
    const env = { ...MINIMAL, FLOWKEEP_ENCRYPT_RECIPIENTS_FILE: 'keys.txt' };
    const messageWith = (files: Record<string, string>) =>
      problemsOf({ env, files })['FLOWKEEP_ENCRYPT_RECIPIENTS_FILE']?.message;

    expect(messageWith({ '/work/keys.txt': `# one\n${recipient}\nnonsense\n` })).toBe(
      'line 3 is not an age public key',
    );
    expect(messageWith({ '/work/keys.txt': '# none\n' })).toBe('the file has no recipient');
    expect(messageWith({})).toBe('cannot read the file (ENOENT)');
  });

  it('the encrypt setting asks for a recipient where there is none', () => {
    const problems = problemsOf({ yaml: withEncrypt('{ digestKey: { env: N8N_API_KEY } }'), env: KEY });
    expect(problems['stores.repo.encrypt.recipients']?.message).toBe('is missing, and so is recipientsFile');
  });

  it('the encrypt setting prints recipients, which are public, and masks the digest key', () => {
    const env = {
      ...MINIMAL,
      FLOWKEEP_ENCRYPT_RECIPIENTS: recipient,
      FLOWKEEP_ENCRYPT_DIGEST_KEY: 'long random text',
    };
    const printed = printConfig(load({ env }));

    expect(printed).toContain(recipient);
    expect(printed).toContain('digestKey: "[secret]"');
    expect(printed).not.toContain('long random text');
  });
});
