import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { printConfig } from '../../../src/config/print.ts';
import { errorOf, KEY, load, MINIMAL, problemsOf, yamlWith, type Given } from './support.ts';

const SECRET = 'hunter2-Zm9vYmFy';
const withKey = (reference: string) => yamlWith('').replace('{ env: N8N_API_KEY }', reference);

describe('a secret', () => {
  it('a secret is refused where it is written into the file, with a remedy', () => {
    const problem = problemsOf({ yaml: withKey(SECRET) })['instances.prod.apiKey'];
    expect(problem?.message).toContain('must not be written');
    expect(problem?.remedy).toContain('{ env: NAME } or { file: PATH }');
  });

  it('a secret must be there: variable not set or empty, file missing or empty', () => {
    const path = 'instances.prod.apiKey';
    expect(problemsOf({ yaml: withKey('{ env: GONE }') })[path]?.message).toContain('GONE is not set');
    expect(problemsOf({ yaml: withKey('{ env: E }'), env: { E: '' } })[path]?.message).toContain('E is empty');
    expect(problemsOf({ yaml: withKey('{ file: ./gone }') })[path]?.message).toContain('./gone (ENOENT)');
    const files = { '/work/empty': '\n' };
    expect(problemsOf({ yaml: withKey('{ file: ./empty }'), files })[path]?.message).toContain('is empty');
    expect(problemsOf({ yaml: withKey('{ env: A, file: b }') })[path]?.message).toContain('exactly one');
  });

  it('a secret is refused with a line break in it: it would break, and show in, an HTTP header', () => {
    const files = { '/work/key': `${SECRET}\n${SECRET}\n` };
    expect(problemsOf({ yaml: withKey('{ file: ./key }'), files })['instances.prod.apiKey']?.message).toContain(
      'line break',
    );
  });

  it('a secret loses the line break at the end of its file', () => {
    const files = { '/work/key': `${SECRET}\n` };
    expect(load({ yaml: withKey('{ file: ./key }'), files }).instances[0]?.apiKey.reveal()).toBe(SECRET);
  });
});

describe('no message repeats a secret', () => {
  const wrong: Record<string, Given> = {
    'in place of a reference': { yaml: withKey(SECRET) },
    'as the name of a variable': { yaml: withKey(`{ env: ${SECRET} }`) },
    'as the path of a file': { yaml: withKey(`{ file: ${SECRET} }`) },
    'as a key': { yaml: withKey(`{ ${SECRET} }`) },
    'as a long key of an instance': { yaml: yamlWith(`${SECRET.repeat(4)}: 1`), env: KEY },
    'in a list': { yaml: withKey(`[${SECRET}]`) },
    'in broken YAML': { yaml: withKey(`"${SECRET}`) },
    'after a tab': { yaml: withKey(`\n\t${SECRET}`) },
    'as a tag': { yaml: withKey(`!${SECRET} x`) },
    'as an alias': { yaml: withKey(`*${SECRET}`) },
    'as user of the URL': { yaml: yamlWith('').replace('://', `://u:${SECRET}@`), env: KEY },
    'in a broken URL': { yaml: yamlWith('').replace('https://', `https//${SECRET}`), env: KEY },
    'in a remote': { yaml: yamlWith('', `type: git, remote: "https://${SECRET}@h/r.git"`), env: KEY },
    'as a token of git': {
      yaml: yamlWith('', `type: git, remote: "https://h/r", auth: ${SECRET}`),
      env: KEY,
    },
    'as an access key': { yaml: yamlWith('', `type: s3, bucket: b, accessKeyId: ${SECRET}`), env: KEY },
    'in FLOWKEEP_STORE': { env: { ...MINIMAL, FLOWKEEP_STORE: `git+https://u:${SECRET}@h/r.git` } },
    'in an unfinished FLOWKEEP_STORE': { env: { ...MINIMAL, FLOWKEEP_STORE: `https://u:${SECRET}@h/r.git` } },
    'in an option of FLOWKEEP_STORE': {
      env: { ...MINIMAL, FLOWKEEP_STORE: `s3://b?secretAccessKey=${SECRET}` },
    },
    'as user in FLOWKEEP_STORE': { env: { ...MINIMAL, FLOWKEEP_STORE: `s3://id:${SECRET}@b` } },
    'as kind': { env: { ...MINIMAL, FLOWKEEP_KINDS: SECRET } },
    'as number': { env: { ...MINIMAL, FLOWKEEP_HTTP_PORT: SECRET } },
    'in an unknown variable': { env: { ...MINIMAL, FLOWKEEP_API_KEY: SECRET } },
    'in a variable with a line break': { env: { ...MINIMAL, N8N_API_KEY: `${SECRET}\n${SECRET}` } },
  };

  it.each(Object.keys(wrong))('%s', (place) => {
    const error = errorOf(wrong[place] ?? {});
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET);
    expect(JSON.stringify(error.problems)).not.toContain(SECRET);
  });
});

describe('config print', () => {
  const env = { ...KEY, N8N_API_KEY: SECRET, FLOWKEEP_HTTP_TOKEN: SECRET, FLOWKEEP_KINDS: 'tags' };
  const store = 'type: git, remote: "https://h/r.git", auth: { env: N8N_API_KEY, username: bot }';
  const printed = printConfig(load({ yaml: yamlWith('', store), env }));

  it('config print masks every secret and shows every default', () => {
    expect(printed).not.toContain(SECRET);
    expect(printed).toContain('apiKey: "[secret]"');
    expect(printed).toContain('token: "[secret]"');
    expect(printed).toContain('concurrency: 4');
    expect(printed).toContain('branch: main');
  });

  it('config print says where the configuration came from', () => {
    expect(printed).toContain('# from /work/flowkeep.yaml');
    expect(printed).toContain('# the environment adds: FLOWKEEP_HTTP_TOKEN\n');
    expect(printed).toContain('# without effect, since the file decides: FLOWKEEP_KINDS\n');
  });

  it('config print loads again to the same configuration, but for the secrets, which it refuses', () => {
    const s3 = 'type: s3, bucket: b, retention: { keepDaily: 2, keepWithin: 36h }';
    const first = load({
      yaml: yamlWith('schedules: { backup: "@" }'.replace('"@"', '"0 0 * * *"'), s3),
      env: KEY,
    });
    const text = printConfig(first);
    expect(problemsOf({ yaml: text })).toHaveProperty(['instances.prod.apiKey']);
    const again = load({ yaml: text.replaceAll('"[secret]"', '{ env: N8N_API_KEY }'), env: KEY });
    expect(again).toEqual({ ...first, origin: again.origin });
  });
});
