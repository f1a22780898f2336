import { gzipSync } from 'node:zlib';
import type { TamperedManifest } from './tampered-bucket.ts';
import type { Repository, TreeEntry } from './tampered-git.ts';

export type Files = Map<string, Uint8Array>;

/** What somebody who can write to a store makes of a snapshot; digest and hashes are made to fit. */
export interface HostileSnapshot {
  readonly what: string;
  /** What the error says, which names the entry. */
  readonly names: RegExp;
  /** Who still ends well, because what is wrong does not concern it; all others end with exit code 5. */
  readonly fine: readonly Command[];
  /** Changes the files of the snapshot. Without one of the others, for every store. */
  readonly files?: (files: Files) => void;
  /** More entries of git's trees, by folder: for git alone. */
  readonly entries?: (repository: Repository) => Readonly<Record<string, readonly TreeEntry[]>>;
  /** Changes the commit's message, for git alone. */
  readonly message?: (message: string) => string;
  /** For S3 alone. */
  readonly manifest?: Pick<Partial<TamperedManifest>, 'header' | 'lines' | 'object'>;
}

/** What each of them is asked for; `backup` and the `verify` after it end well whatever the newest snapshot is. */
export const COMMANDS = {
  show: ['show', 'latest'],
  page: ['show', 'latest', '--html', 'show.html'],
  diff: ['diff', 'latest~1', 'latest'],
  verify: ['verify'],
  files: ['export', 'latest', '--out', 'files', '--format', 'files'],
  'n8n-cli': ['export', 'latest', '--out', 'n8n-cli', '--format', 'n8n-cli'],
  n8np: ['export', 'latest', '--out', 'n8np', '--format', 'n8np'],
  plan: ['restore', 'latest', '--dry-run'],
  restore: ['restore', 'latest', '--yes', '--no-safety-snapshot'],
} as const;
export type Command = keyof typeof COMMANDS;

const WORKFLOW = 'workflows/sync.w1.json';
const NOBODY: readonly Command[] = [];
/** Whoever reads only the header, or copies bytes. */
const COPIERS: readonly Command[] = ['show', 'files'];
/** Whoever shows or copies what is there, and relies on no id. */
const SHOWERS: readonly Command[] = ['show', 'page', 'diff', 'files', 'n8n-cli'];
const ALL: readonly Command[] = [...SHOWERS, 'verify', 'n8np', 'plan', 'restore'];

const put =
  (path: string, text: string) =>
  (files: Files): void =>
    void files.set(path, Buffer.from(text));

const change =
  (path: string, edit: (text: string) => string) =>
  (files: Files): void =>
    put(path, edit(Buffer.from(files.get(path) ?? '').toString()))(files);

const changeJson = (path: string, edit: (value: Record<string, unknown>) => object) =>
  change(path, (text) => JSON.stringify(edit(JSON.parse(text) as Record<string, unknown>)));

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const item = (id: string): string => JSON.stringify({ id, name: 'Evil', nodes: [], connections: {} });
const blob = (repository: Repository, text: string): string => repository.object('blob', Buffer.from(text));

const atPath = (what: string, path: string, names: RegExp): HostileSnapshot => ({
  what,
  names,
  fine: NOBODY,
  files: put(path, item('evil')),
});

const PATHS: readonly HostileSnapshot[] = [
  atPath('a path that leaves the folder', '../../evil.json', /"\.\.\/\.\.\/evil.json", which leads out/),
  atPath('a path that leaves a subfolder', 'workflows/../evil.json', /"workflows\/\.\.\/evil.json", which leads out/),
  atPath('a drive letter', 'C:/evil.json', /"C:\/evil.json", which has a colon/),
  atPath('a backslash', 'workflows\\..\\evil.json', /evil.json", which has a backslash/),
  atPath('the folder of git', '.git/config', /"\.git\/config", which would be taken for git's own/),
  atPath('an escape code in a path', 'workflows/a\u001b[2J.w9.json', /a\\u001b\[2J.w9.json", which has a control/),
  atPath('a line break in a path', 'workflows/a\nb.w9.json', /a\\nb.w9.json", which has a control/),
  atPath('a change of direction in a path', 'workflows/a\u202ea.w9.json', /which has a control/),
  atPath('a name too long for any disk', `workflows/${'a'.repeat(300)}.json`, /has a name of more than 255 bytes/),
  atPath('a twin on a disk that ignores case', 'workflows/Sync.w1.json', /is the same file as "workflows\/sync.w1/i),
  {
    what: 'an absolute path',
    names: /"\/etc\/evil.json", which is an absolute path/,
    fine: NOBODY,
    files: put('/etc/evil.json', item('evil')),
    manifest: {},
  },
  {
    what: 'a path that is a file and a folder',
    names: /which is a file and a folder at once/,
    fine: NOBODY,
    files: put(`${WORKFLOW}/evil.json`, item('evil')),
    manifest: {},
  },
];

const ENTRIES: readonly HostileSnapshot[] = [
  {
    what: 'a symbolic link',
    names: /"prod\/workflows\/x", which is a symbolic link/,
    fine: NOBODY,
    entries: (r) => ({ workflows: [{ mode: '120000', name: 'x', oid: blob(r, '/etc/passwd') }] }),
  },
  {
    what: 'a submodule',
    names: /"prod\/workflows\/x", which is a submodule/,
    fine: NOBODY,
    entries: () => ({ workflows: [{ mode: '160000', name: 'x', oid: '1'.repeat(40) }] }),
  },
  {
    what: 'the same name twice',
    names: /"prod\/workflows\/sync.w1.json", which occurs twice/,
    fine: NOBODY,
    entries: (r) => ({ workflows: [{ mode: '100644', name: 'sync.w1.json', oid: blob(r, item('w1')) }] }),
  },
  {
    what: 'a name with slashes',
    names: /"workflows\/..\/..\/evil.json", which leads out/,
    fine: NOBODY,
    entries: (r) => ({ workflows: [{ mode: '100644', name: '../../evil.json', oid: blob(r, '{}') }] }),
  },
  {
    what: 'a name that is not UTF-8',
    names: /which has a name that is not UTF-8/,
    fine: NOBODY,
    entries: (r) => ({
      workflows: [{ mode: '100644', name: Buffer.from([0xff, 0xfe]), oid: blob(r, '{}') }],
    }),
  },
];

const MESSAGES: readonly HostileSnapshot[] = [
  {
    what: 'a subject that a terminal would obey',
    names: /never refused/,
    fine: ALL,
    message: (message) => message.replace('1 workflow changed', '\u001b[2J\u001b]0;owned\u0007'),
  },
];

const hash = 'a'.repeat(64);
const withLine = (line: string): NonNullable<HostileSnapshot['manifest']> => ({
  lines: (lines) => [...lines, line],
  header: (header) => ({ ...header, files: Number(header.files) + 1 }),
});

const MANIFESTS: readonly HostileSnapshot[] = [
  {
    what: 'a hash that is a path',
    names: /\.\.\/\.\.\/secret.* is not a file/,
    fine: NOBODY,
    manifest: withLine('["x.json","../../secret",5]'),
  },
  {
    what: 'a size of exabytes',
    names: /"x.json".* is not a file/,
    fine: NOBODY,
    manifest: withLine(`["x.json","${hash}",1e18]`),
  },
  {
    what: 'a path that occurs twice',
    names: /"flowkeep.json" occurs twice/,
    fine: NOBODY,
    manifest: withLine(`["flowkeep.json","${hash}",5]`),
  },
  {
    what: 'an object that unpacks to gigabytes',
    names: /workflows\/sync.w1.json/,
    // Its hash says that it is the same as before, so that diff does not read it.
    fine: ['show', 'diff'],
    manifest: { object: (path, content) => (path === WORKFLOW ? BOMB : gzipSync(content)) },
  },
];

const BOMB = gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 9 });

const CONTENTS: readonly HostileSnapshot[] = [
  {
    what: 'a workflow a thousand levels deep',
    names: /workflows\/sync.w1.json.*nested more than 500 levels deep/,
    fine: COPIERS,
    files: change(WORKFLOW, (text) => text.replace('"parameters": {}', `"parameters": {"x": ${nested(1000)}}`)),
  },
  {
    what: 'a header a hundred thousand levels deep',
    names: /flowkeep.json.*nested more than 500 levels deep/,
    fine: NOBODY,
    files: put('flowkeep.json', nested(100_000)),
  },
  {
    what: 'a workflow of millions of values',
    names: /workflows\/sync.w1.json.*more than [\d,]+ values/,
    fine: COPIERS,
    files: put(WORKFLOW, `{"id":"w1","name":"Sync","nodes":[0${',0'.repeat(10_000_001)}],"connections":{}}`),
  },
  {
    what: 'a workflow that is no JSON',
    names: /workflows\/sync.w1.json.*it is not valid JSON/,
    fine: COPIERS,
    files: put(WORKFLOW, '{nope'),
  },
  {
    what: 'an id that is a path',
    names: /workflows\/sync.w1.json.*its id "..\/..\/x" is not that of its path/,
    fine: SHOWERS,
    files: changeJson(WORKFLOW, (workflow) => ({ ...workflow, id: '../../x' })),
  },
  {
    what: 'the id of another workflow',
    names: /workflows\/other.w2.json.*its id "w1" is not that of its path/,
    fine: SHOWERS,
    files: put('workflows/other.w2.json', item('w1')),
  },
  {
    what: 'members that mean something to JavaScript',
    names: /never refused/,
    fine: ALL,
    files: change(WORKFLOW, (text) =>
      text.replace(
        '"parameters": {}',
        '"parameters": {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "toJSON": 1}',
      ),
    ),
  },
  {
    what: 'names that a terminal would obey',
    names: /never refused/,
    fine: ALL,
    files: changeJson(WORKFLOW, (workflow) => ({
      ...workflow,
      name: '\u001b]0;owned\u0007\u001b[2J\u202egnp\nerror: all is well</script><script>',
    })),
  },
  {
    what: 'a folder that contains itself',
    names: /folders.json.*folder "a" \("f1"\) contains itself/,
    fine: SHOWERS,
    files: put(
      'folders.json',
      JSON.stringify({
        folders: [
          { id: 'f1', name: 'a', projectId: 'p1', parentFolderId: 'f2' },
          { id: 'f2', name: 'b', projectId: 'p1', parentFolderId: 'f1' },
        ],
        workflows: { w2: 'f1' },
      }),
    ),
  },
  {
    what: 'rows that are no JSON',
    names: /rows\/0.ndjson.*it is not valid JSON/,
    fine: ['show', 'page', 'files', 'n8n-cli', 'n8np'],
    files: (files) => {
      const path = [...files.keys()].find((each) => each.endsWith('/rows/0.ndjson')) ?? '';
      put(path, '{nope\n')(files);
    },
  },
  {
    what: 'notes and versions that a terminal would obey',
    names: /never refused/,
    fine: ALL,
    files: changeJson('flowkeep.json', ({ kinds, ...header }) => {
      const { workflows, ...others } = kinds as Record<string, object>;
      const notes = ['\u001b[2Jowned'];
      return {
        ...header,
        n8nVersion: '\u001b[31m9',
        kinds: { ...others, workflows: { ...workflows, notes } },
      };
    }),
  },
  {
    what: 'no header',
    names: /flowkeep.json of .* it is missing|there is no flowkeep.json/,
    fine: NOBODY,
    files: (files) => void files.delete('flowkeep.json'),
  },
  {
    what: 'the header of another instance',
    names: /flowkeep.json.*instance "other"/,
    fine: NOBODY,
    files: changeJson('flowkeep.json', (header) => ({ ...header, instance: 'other' })),
  },
  {
    what: 'a header of wrong types',
    names: /flowkeep.json/,
    fine: NOBODY,
    files: changeJson('flowkeep.json', (header) => ({ ...header, kinds: [] })),
  },
];

export const HOSTILE_SNAPSHOTS: readonly HostileSnapshot[] = [
  ...PATHS,
  ...ENTRIES,
  ...MESSAGES,
  ...MANIFESTS,
  ...CONTENTS,
];
