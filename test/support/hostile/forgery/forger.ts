import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { Encrypter } from 'age-encryption';
import type { RawSnapshot } from './place.ts';
import type { Random } from './random.ts';

// Somebody who may write to an encrypted store. The format is known to everybody (docs/snapshot-format.md): nothing
// here is flowkeep's own code.

export interface Forger {
  readonly random: Random;
  /** The genuine snapshots, oldest first. */
  readonly genuine: readonly RawSnapshot[];
  /** The public keys that are known; without one nothing can be encrypted. */
  readonly recipients: readonly string[];
}

/** What takes the place of the newest snapshot; null: nothing. */
export type Edit = (forger: Forger) => RawSnapshot | null | Promise<RawSnapshot>;

type Files = Map<string, Buffer>;
type Line = unknown[];
interface Index {
  header: Record<string, unknown>;
  lines: Line[];
  last: unknown[];
}

const INDEX = 'encryption.ndjson';
const newest = ({ genuine }: Forger): RawSnapshot => genuine.at(-1)!;
const older = ({ genuine, random }: Forger): RawSnapshot => random.pick(genuine.slice(0, -1));
const encryptedPaths = ({ files }: RawSnapshot): string[] => [...files.keys()].filter((path) => path.endsWith('.age'));

function parseIndex({ files }: RawSnapshot): Index {
  const all = files.get(INDEX)!.toString().trimEnd().split('\n');
  const [header, ...rest] = all.map((line) => JSON.parse(line) as unknown);
  const lines = rest.filter((line) => Array.isArray(line)) as Line[];
  return { header: header as Index['header'], lines, last: rest.filter((line) => !Array.isArray(line)) };
}

function writeIndex({ header, lines, last }: Index): Buffer {
  return Buffer.from([header, ...lines, ...last].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function namesOf(bytes: Buffer): [string, string] {
  const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes);
  return [createHash('sha256').update(bytes).digest('hex'), blob.digest('hex')];
}

/** The newest snapshot with other files. */
function withFiles(forger: Forger, change: (files: Files, forger: Forger) => void): RawSnapshot {
  const { meta, files } = newest(forger);
  const changed = new Map(files);
  change(changed, forger);
  return { meta, files: new Map([...changed].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The newest snapshot with another index, and with files to go with it. */
function withIndex(forger: Forger, change: (index: Index, files: Files, forger: Forger) => void): RawSnapshot {
  return withFiles(forger, (files) => {
    const index = parseIndex(newest(forger));
    change(index, files, forger);
    files.set(INDEX, writeIndex(index));
  });
}

function withMeta(forger: Forger, changes: Partial<RawSnapshot['meta']>): RawSnapshot {
  return { ...newest(forger), meta: { ...newest(forger).meta, ...changes } };
}

function inBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1 << random.below(8);
  const noise = Buffer.from(random.hex(8), 'hex');
  return random.pick([
    changed,
    bytes.subarray(0, at),
    Buffer.concat([bytes, noise]),
    Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]),
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
    noise,
  ]);
}

const lineAt = ({ lines }: Index, path: string): Line => lines.find((line) => `${String(line[0])}.age` === path)!;

/** Edits that need no key. */
export const KEYLESS: Readonly<Record<string, Edit>> = {
  'bytes of a file': (forger) =>
    withFiles(forger, (files, { random }) => {
      const path = random.pick([...files.keys()].filter((each) => each !== INDEX));
      files.set(path, inBytes(files.get(path)!, random));
    }),
  'bytes of the index': (forger) =>
    withFiles(forger, (files, { random }) => void files.set(INDEX, inBytes(files.get(INDEX)!, random))),
  'bytes of a file, and its hashes in the index': (forger) =>
    withIndex(forger, (index, files, { random }) => {
      const path = random.pick(encryptedPaths(newest(forger)));
      const bytes = inBytes(files.get(path)!, random);
      files.set(path, bytes);
      lineAt(index, path).splice(3, 2, ...namesOf(bytes));
    }),
  'counts in the header': (forger) =>
    withFiles(forger, (files, { random }) => {
      const text = files.get('flowkeep.json')!.toString();
      files.set('flowkeep.json', Buffer.from(text.replace(/"items": \d+/, `"items": ${random.below(90)}`)));
    }),
  'a line deleted': (forger) =>
    withIndex(forger, ({ lines }, _files, { random }) => void lines.splice(random.below(lines.length), 1)),
  'a line and its file deleted': (forger) =>
    withIndex(forger, ({ lines }, files, { random }) => {
      const [line = []] = lines.splice(random.below(lines.length), 1);
      files.delete(`${String(line[0])}.age`);
    }),
  'lines in another order': (forger) => withIndex(forger, ({ lines }) => void lines.reverse()),
  'a member of a line': (forger) =>
    withIndex(forger, ({ lines }, _files, { random }) => {
      const line = random.pick(lines);
      const at = 1 + random.below(4);
      line[at] = at === 1 ? random.below(9999) : random.hex([0, 0, 32, 64, 40][at] ?? 8);
    }),
  'a line with a seal of its own': (forger) =>
    withIndex(forger, ({ lines }, _files, { random }) => void random.pick(lines).push(random.hex(32))),
  'a line and a file more': (forger) =>
    withIndex(forger, ({ lines }, files, { random }) => {
      const line = random.pick(lines);
      files.set('workflows/added.json.age', files.get(`${String(line[0])}.age`)!);
      lines.push(['workflows/added.json', ...line.slice(1)]);
    }),
  'two files exchanged': (forger) =>
    withFiles(forger, (files, { random }) => {
      const [a, b] = [random.pick(encryptedPaths(newest(forger))), random.pick(encryptedPaths(newest(forger)))];
      [files.get(a)!, files.get(b)!].forEach((bytes, at) => files.set(at === 0 ? b : a, bytes));
    }),
  'two files exchanged, and their lines': (forger) =>
    withIndex(forger, (index, files, { random }) => {
      const [a, b] = [random.pick(encryptedPaths(newest(forger))), random.pick(encryptedPaths(newest(forger)))];
      const [first, second] = [lineAt(index, a), lineAt(index, b)];
      const [[pathA, ...restA], [pathB, ...restB]] = [[...first], [...second]];
      first.splice(0, first.length, pathA, ...restB);
      second.splice(0, second.length, pathB, ...restA);
      [files.get(a)!, files.get(b)!].forEach((bytes, at) => files.set(at === 0 ? b : a, bytes));
    }),
  'a file of an older snapshot': (forger) =>
    withFiles(forger, (files, { random }) => {
      const from = older(forger);
      const path = random.pick(encryptedPaths(from));
      files.set(path, from.files.get(path)!);
    }),
  'a file of an older snapshot, and its line': (forger) =>
    withIndex(forger, (index, files, { random }) => {
      const from = older(forger);
      const path = random.pick(['workflows/w1.json.age', ...encryptedPaths(from)]);
      files.set(path, from.files.get(path)!);
      const line = lineAt(parseIndex(from), path);
      index.lines = [...index.lines.filter((each) => each[0] !== line[0]), line].sort((a, b) =>
        String(a[0]) < String(b[0]) ? -1 : 1,
      );
    }),
  'the index of an older snapshot': (forger) =>
    withFiles(forger, (files) => void files.set(INDEX, older(forger).files.get(INDEX)!)),
  'the header of an older snapshot': (forger) =>
    withFiles(forger, (files) => void files.set('flowkeep.json', older(forger).files.get('flowkeep.json')!)),
  'the code of an older snapshot': (forger) =>
    withIndex(forger, (index) => void (index.last = parseIndex(older(forger)).last)),
  'the code taken away': (forger) => withIndex(forger, (index) => void (index.last = [])),
  'an index of version 1': (forger) =>
    withIndex(forger, (index, files, { random }) => {
      const path = 'workflows/w1.json.age';
      if (random.below(2) === 0) files.set(path, older(forger).files.get(path)!);
      lineAt(index, path).splice(3, 2, ...namesOf(files.get(path)!));
      index.header = { encryption: 1, seal: index.header.seal };
      index.lines = index.lines.map((line) => line.slice(0, 4));
      index.last = [];
    }),
  'another seal': (forger) =>
    withIndex(forger, ({ header }, _files, { random }) => void (header.seal = random.hex(32))),
  'a file deleted': (forger) =>
    withFiles(forger, (files, { random }) => void files.delete(random.pick([...files.keys()]))),
  'a file more': (forger) =>
    withFiles(forger, (files, { random }) => {
      files.set(`workflows/${random.hex(6)}.json.age`, random.pick([...files.values()]));
    }),
  'the newest removed': () => null,
  'an older one under the id of the newest': (forger) => ({ ...older(forger), meta: newest(forger).meta }),
  'an older one under an id of its own': (forger) => {
    const { meta, files } = older(forger);
    const { takenAt } = newest(forger).meta;
    return { files, meta: { ...meta, id: `${takenAt.replace(/[-:]/g, '')}-${forger.random.hex(8)}`, takenAt } };
  },
  'the flags': (forger) =>
    withMeta(forger, { flags: [forger.random.pick(['safety', 'shrunk', 'partial', 'nonsense'])] }),
  'the subject': (forger) => withMeta(forger, { subject: `prod: ${forger.random.hex(6)}` }),
  'the version of n8n': (forger) => withMeta(forger, { n8nVersion: `9.${forger.random.below(99)}.0` }),
  'a digest': (forger) => withMeta(forger, { digest: forger.random.hex(64) }),
  'the id': (forger) => withMeta(forger, { id: newest(forger).meta.id.replace(/.{8}$/, forger.random.hex(8)) }),
  'a plain snapshot': (forger) => {
    const { meta } = newest(forger);
    const files: Files = new Map([
      ['flowkeep.json', plainHeader()],
      [`workflows/evil.${forger.random.hex(6)}.json`, workflow('evil')],
    ]);
    const digest = createHash('sha256');
    for (const [path, bytes] of files) digest.update(`${path}\0${namesOf(bytes)[0]}\n`);
    const name = digest.digest('hex');
    const id = forger.random.pick([meta.id, meta.id.replace(/.{8}$/, name.slice(0, 8))]);
    return { meta: { ...meta, id, digest: forger.random.pick([name, null]) }, files };
  },
};

/** Edits that need a public key. */
export const WITH_A_KEY: Readonly<Record<string, Edit>> = {
  'a workflow of its own, and its line': (forger) => foreignLine(forger, ({ line }) => line),
  'a workflow of its own, under another seal': (forger) =>
    foreignLine(forger, ({ line, random }) => [...line, random.hex(32)]),
  'a workflow of its own, in an index of version 1': async (forger) => {
    const snapshot = await foreignLine(forger, ({ line }) => line);
    const index = parseIndex(snapshot);
    const seal = forger.random.pick([index.header.seal, forger.random.hex(32)]);
    const own = { header: { encryption: 1, seal }, lines: index.lines.map((line) => line.slice(0, 4)), last: [] };
    return { ...snapshot, files: new Map(snapshot.files).set(INDEX, writeIndex(own)) };
  },
  'a whole snapshot of its own': (forger) => wholeOfItsOwn(forger, false),
  'a whole snapshot of its own that claims the seal': (forger) => wholeOfItsOwn(forger, true),
};

async function foreignLine(
  forger: Forger,
  lineOf: (given: { line: Line; random: Random }) => Line,
): Promise<RawSnapshot> {
  const content = workflow('w1');
  const bytes = await encrypt(forger, content);
  return withIndex(forger, (index, files, { random }) => {
    files.set('workflows/w1.json.age', bytes);
    const line = lineAt(index, 'workflows/w1.json.age');
    const tag = random.pick([line[2], random.hex(32)]);
    line.splice(0, line.length, ...lineOf({ line: [line[0], content.length, tag, ...namesOf(bytes)], random }));
  });
}

/** Everything is made as flowkeep makes it, with the keys that the known public keys give. */
async function wholeOfItsOwn(forger: Forger, claimsSeal: boolean): Promise<RawSnapshot> {
  const { meta, files } = newest(forger);
  const material = JSON.stringify([[...forger.recipients].sort(), null]);
  const derive = (use: string): Buffer => Buffer.from(hkdfSync('sha256', material, '', use, 32));
  const tagOf = (content: Buffer | string): string =>
    createHmac('sha256', derive('flowkeep encryption v1: tags')).update(content).digest('hex').slice(0, 32);
  const own = parseIndex(newest(forger));
  const seal = claimsSeal ? own.header.seal : tagOf('seal');
  const contents = new Map([
    ['names-workflows.json', Buffer.from('{\n  "workflows/w1.json": "workflows/evil.w1.json"\n}\n')],
    ['workflows/w1.json', workflow('w1')],
  ]);
  const changed: Files = new Map([['flowkeep.json', files.get('flowkeep.json')!]]);
  const lines: Line[] = [];
  for (const [path, content] of contents) {
    const bytes = await encrypt(forger, content);
    changed.set(`${path}.age`, bytes);
    lines.push([path, content.length, tagOf(content), ...namesOf(bytes)]);
  }
  const index: Index = { header: { ...own.header, seal }, lines, last: [] };
  const text = writeIndex(index);
  const code = createHmac('sha256', derive('flowkeep encryption v2: codes'))
    .update(`index\0${text.length}\0`)
    .update(text);
  changed.set(INDEX, writeIndex({ ...index, last: [{ code: code.digest('hex') }] }));
  return { meta, files: new Map([...changed].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

async function encrypt({ recipients }: Forger, content: Buffer): Promise<Buffer> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(content));
}

function workflow(id: string): Buffer {
  const value = { connections: {}, id, name: 'evil', nodes: [], settings: {} };
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function plainHeader(): Buffer {
  const kinds = { workflows: { coverage: 'complete', items: 1 } };
  return Buffer.from(`${JSON.stringify({ format: 1, instance: 'prod', kinds, n8nVersion: null }, null, 2)}\n`);
}
