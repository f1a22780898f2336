import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/lib/secrets/secret.ts';
import { concealName } from '../../../src/snapshot/format/paths.ts';
import { decodeIndex, encodeIndex } from '../../../src/store/encrypted/file-index.ts';
import { Identities, parseIdentityFile } from '../../../src/store/encrypted/identities.ts';
import { Encryptor } from '../../../src/store/encrypted/encryptor.ts';
import { SealKey } from '../../../src/store/encrypted/seal-key.ts';
import { decodeNames, encodeNames, storedPaths } from '../../../src/store/encrypted/stored-names.ts';
import { newKeys } from '../../support/encryption.ts';

describe('stored paths', () => {
  const segment = fc.string({
    unit: fc.constantFrom('a', 'A', 'b', '.', '~', '2', '-'),
    minLength: 1,
    maxLength: 6,
  });
  const folder = fc.constantFrom('workflows', 'credentials', 'data-tables', 'workflow-state', 'x');
  const path = fc.oneof(
    segment,
    fc.tuple(folder, segment).map(([first, name]) => `${first}/${name}.json`),
  );
  const paths = fc.uniqueArray(path, { maxLength: 12 }).map((all) => all.sort());

  it('stored paths are apart on every disk, and give the real paths back', () => {
    fc.assert(
      fc.property(paths, (all) => {
        const stored = storedPaths(all, concealName);
        const folded = [...stored.values()].map((each) => each.toLowerCase());
        expect(new Set(folded).size).toBe(all.length);
        const renamed = [...stored].flatMap(([real, place]) => (real === place ? [] : [[place, real] as const]));
        const names = decodeNames(encodeNames(new Map(renamed)), concealName);
        expect([...stored].map(([, place]) => names.get(place) ?? place)).toEqual(all);
      }),
    );
  });

  it('stored paths hold the id and not the name', () => {
    expect(concealName('workflows/invoice-sync.Kx3.json')).toBe('workflows/Kx3.json');
    expect(concealName('workflows/invoice-sync.Kx3.published.json')).toBe('workflows/Kx3.published.json');
    expect(concealName('credentials/git.a~0123456789abcdef.json')).toBe('credentials/a~0123456789abcdef.json');
    expect(concealName('data-tables/orders.7/rows/0.ndjson')).toBe('data-tables/7/rows/0.ndjson');
    expect(concealName('workflow-state/Kx3.json')).toBe('workflow-state/Kx3.json');
    expect(concealName('variables.json')).toBe('variables.json');
  });

  it('stored paths cannot be given a name that is another item’s', () => {
    const forged = encodeNames(new Map([['workflows/Kx3.json', 'workflows/payroll.Other.json']]));
    expect(() => decodeNames(forged, concealName)).toThrow('has an invalid name');
  });
});

describe('the seal', () => {
  const content = Buffer.from('{}\n');

  it('the encryptor is the same for the same recipients in any order, and for no others', async () => {
    const [a, b] = [(await newKeys()).recipient, (await newKeys()).recipient];
    const seal = new Encryptor({ recipients: [a, b] });
    const same = new Encryptor({ recipients: [b, a, b] });
    expect([same.id, same.tag(content)]).toEqual([seal.id, seal.tag(content)]);
    const others = [
      new Encryptor({ recipients: [a] }),
      new Encryptor({ recipients: [a, b], digestKey: new Secret('one') }),
      new Encryptor({ recipients: [a, b], digestKey: new Secret('two') }),
    ];
    const ids = [seal, ...others].flatMap((each) => [each.id, each.tag(content)]);
    expect(new Set(ids).size).toBe(8);
  });

  it('the encryptor gives different bytes each time, which any of the recipients reads', async () => {
    const keys = [await newKeys(), await newKeys()];
    const seal = new Encryptor({ recipients: keys.map(({ recipient }) => recipient) });
    const [first, second] = [await seal.encrypt(content), await seal.encrypt(content)];
    expect(first).not.toEqual(second);
    for (const { identity } of keys)
      expect(Buffer.from(await new Identities([new Secret(identity)]).decrypt(first))).toEqual(content);
  });
});

describe('the index', () => {
  const [tag, hash, blob] = ['ab'.repeat(16), 'cd'.repeat(32), 'ef'.repeat(20)];
  const snapshot = {
    id: '20261123T015442Z-00000000',
    instance: 'prod',
    takenAt: '2026-11-23T01:54:42Z',
    format: 1,
    n8nVersion: null,
    subject: 'prod: 1 workflow changed',
    flags: ['safety' as const],
    digest: null,
  };
  const content = {
    seal: 'aa',
    snapshot,
    open: new Map([['flowkeep.json', { sha256: hash, blob }]]),
    entries: new Map([
      ['variables.json', { size: 3, tag, sha256: hash, blob, seal: 'aa' }],
      ['workflows/__proto__.json', { size: 0, tag, sha256: hash, blob, seal: 'bb' }],
    ]),
  };
  const encoded = (): string => Buffer.from(encodeIndex(content, () => '0123')).toString();

  it('the index is read as it was written, with the text that its code is of', () => {
    let signed = '';
    const bytes = encodeIndex(content, (text) => ((signed = text), '0123'));
    expect(decodeIndex(bytes, 'here')).toEqual({ ...content, signed: { text: signed, code: '0123' } });
    expect(Buffer.from(bytes).toString()).toBe(`${signed}{"code":"0123"}\n`);
  });

  it('the index of an earlier flowkeep is read, and has no code', () => {
    const lines = [{ encryption: 1, seal: 'aa' }, ['variables.json', 3, tag, hash], ['x.json', 3, tag, hash, 'bb']];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const { signed, entries, snapshot: none } = decodeIndex(Buffer.from(text), 'here');
    expect([signed, none, [...entries.values()].map(({ seal }) => seal)]).toEqual([null, null, ['aa', 'bb']]);
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -1)],
    ['no JSON', (text: string) => text.replace('[', '{')],
    ['a path twice', (text: string) => text.replace('workflows/__proto__.json', 'variables.json')],
    ['a size that is none', (text: string) => text.replace(',3,', ',-3,')],
    ['a header that is none', (text: string) => text.replace('{"encryption":2', '{"encryption":"x"')],
    ['without its code', (text: string) => text.replace(/\{"code.*\n/, '')],
    ['of no snapshot', (text: string) => text.replace('"instance"', '"other"')],
    ['empty', () => ''],
  ])('the index is damaged where it is %s', (_what, change) => {
    expect(() => decodeIndex(Buffer.from(change(encoded())), 'here')).toThrow(
      expect.objectContaining({ reason: 'integrity', exitCode: 5 }),
    );
  });

  it('the index of a newer flowkeep is refused', () => {
    expect(() => decodeIndex(Buffer.from('{"encryption":3,"seal":"aa"}\n'), 'here')).toThrow(
      expect.objectContaining({ reason: 'format' }),
    );
  });
});

describe('the code', () => {
  it('the code is another one for another use, for other parts, and under any other key', async () => {
    const [a, b] = [(await newKeys()).recipient, (await newKeys()).recipient];
    const key = new SealKey({ recipients: [a, b] });
    const codes = [
      key.code('index', 'ab', 'c'),
      key.code('index', 'a', 'bc'),
      key.code('document', 'ab', 'c'),
      new SealKey({ recipients: [a] }).code('index', 'ab', 'c'),
      new SealKey({ recipients: [a, b], digestKey: new Secret('one') }).code('index', 'ab', 'c'),
    ];
    expect(new Set(codes).size).toBe(codes.length);
    expect(new SealKey({ recipients: [b, a] }).code('index', 'ab', 'c')).toBe(codes[0]);
  });
});

describe('an identity file', () => {
  it('an identity file may hold several identities, with comments, as age-keygen writes it', async () => {
    const [a, b] = [await newKeys(), await newKeys()];
    const text = `# created: 2026-11-23\n# public key: ${a.recipient}\n${a.identity}\r\n\n${b.identity}\n`;
    expect((await parseIdentityFile(text, 'f')).map((secret) => secret.reveal())).toEqual([a.identity, b.identity]);
  });

  it.each([
    ['# nothing\n', 'holds no identity'],
    ['AGE-PLUGIN-YUBIKEY-1QQQ\n', 'is for an age plugin'],
    ['AGE-SECRET-KEY-1QQQQ\n', 'is not an age identity'],
    ['age-encryption.org/v1\n-> scrypt x 18\n', 'is protected by a passphrase'],
    ['-----BEGIN AGE ENCRYPTED FILE-----\n', 'is protected by a passphrase'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\n', 'is not an age identity file'],
    ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n', 'holds a public key'],
  ])('an identity file that holds %j is refused', async (text, message) => {
    await expect(parseIdentityFile(text, 'identity.txt')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message) as string,
    });
  });
});
