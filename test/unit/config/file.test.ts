import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleConfig } from '../../../src/config/init.ts';
import { alertSchema } from '../../../src/daemon/notify/registry.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { errorOf, KEPT, KEY, load, MINIMAL, problemsOf, yamlWith } from './support.ts';

describe('a config file', () => {
  it('a config file fills in every default', () => {
    const config = load({ yaml: yamlWith(''), env: KEY });
    expect(config.instances[0]).toMatchObject({
      name: 'prod',
      url: 'https://n8n.example.com',
      stores: ['repo'],
      rateLimit: { concurrency: 4, requestsPerSecond: 50 },
      timeout: 30_000,
      schedules: { backup: null, verify: null, prune: null, pull: null },
      timezone: 'UTC',
    });
    expect(config.instances[0]?.apiKey.reveal()).toBe('n8n-key');
    expect(config.instances[0]?.kinds).not.toContain('users');
    expect(config.stores).toEqual([
      { name: 'repo', type: 'git', path: '/work/backup', branch: 'main', timeout: 60_000, ...KEPT },
    ]);
    expect(config.http).toEqual({ port: 8080, host: '127.0.0.1', hosts: [] });
  });

  it('a config file reads every setting of an S3 store', () => {
    const store = `type: s3, bucket: b, prefix: /n8n/, region: eu-central-1, endpoint: "http://127.0.0.1:9000",
      forcePathStyle: true, accessKeyId: { env: ID }, secretAccessKey: { file: secret }, sse: "aws:kms", kmsKeyId: k,
      storageClass: STANDARD_IA, checksums: when-required, secrets: redact, pinData: drop, variableValues: omit,
      retention: { keepLast: 3, keepHourly: 2, keepWithin: 7d }`;
    const files = { '/work/secret': 'hidden\r\n' };
    const [loaded] = load({ yaml: yamlWith('', store), env: { ...KEY, ID: 'id' }, files }).stores;
    expect(loaded).toMatchObject({
      name: 'repo',
      type: 's3',
      prefix: 'n8n',
      endpoint: 'http://127.0.0.1:9000',
      forcePathStyle: true,
      sse: 'aws:kms',
      kmsKeyId: 'k',
      storageClass: 'STANDARD_IA',
      checksums: 'when-required',
      secrets: 'redact',
      pinData: 'drop',
      variableValues: 'omit',
      retention: {
        keepLast: 3,
        keepHourly: 2,
        keepDaily: 0,
        keepWeekly: 0,
        keepMonthly: 0,
        keepYearly: 0,
        keepWithinMs: 604_800_000,
      },
    });
    expect(loaded?.type === 's3' && loaded.secretAccessKey?.reveal()).toBe('hidden');
  });

  it('a config file reads a git remote with a token or a key', () => {
    const https = 'type: git, remote: "https://git.example.com/r.git", auth: { env: N8N_API_KEY, username: bot }';
    const [withToken] = load({ yaml: yamlWith('', https), env: KEY }).stores;
    expect(withToken).toMatchObject({ remote: 'https://git.example.com/r.git', auth: { username: 'bot' } });
    const ssh = 'type: git, remote: "git@git.example.com:r.git", ssh: { keyFile: keys/id }';
    expect(load({ yaml: yamlWith('', ssh), env: KEY }).stores[0]).toMatchObject({
      ssh: { keyFile: '/work/keys/id' },
    });
  });

  it('a config file saves to all stores where an instance names none', () => {
    const yaml = yamlWith('').replace('  repo:', '  second: { type: s3, bucket: b }\n  repo:');
    expect(load({ yaml, env: KEY }).instances[0]?.stores).toEqual(['second', 'repo']);
  });

  it('a config file accepts anchors and merge keys, so that fleets need not repeat themselves', () => {
    const yaml = yamlWith('timezone: Europe/Berlin')
      .replace('prod:', 'prod: &base')
      .replace('stores:', '  test:\n    <<: *base\n    url: https://test.example.com\nstores:');
    const [, test] = load({ yaml, env: KEY }).instances;
    expect(test).toMatchObject({ name: 'test', url: 'https://test.example.com', timezone: 'Europe/Berlin' });
  });

  it('a config file takes relative paths from the folder of the file', () => {
    const files = {
      '/etc/keep/c.yaml': yamlWith('').replace('env: N8N_API_KEY', 'file: key'),
      '/etc/keep/key': 'k\n',
    };
    const config = load({ file: '../etc/keep/c.yaml', files });
    expect(config.stores[0]).toMatchObject({ path: '/etc/keep/backup' });
    expect(config.instances[0]?.apiKey.reveal()).toBe('k');
    expect(config.origin.file).toBe('/etc/keep/c.yaml');
  });
});

describe('which file is read', () => {
  const named = (name: string) => yamlWith('').replace('prod:', `${name}:`);
  const files = {
    '/work/a.yaml': named('a'),
    '/work/b.yaml': named('b'),
    '/work/flowkeep.yml': named('yml'),
  };

  it('the configuration prefers --config, then FLOWKEEP_CONFIG, then the current folder', () => {
    const env = { ...KEY, FLOWKEEP_CONFIG: 'b.yaml' };
    expect(load({ file: 'a.yaml', files, env }).instances[0]?.name).toBe('a');
    expect(load({ files, env }).instances[0]?.name).toBe('b');
    expect(load({ files, env: KEY }).instances[0]?.name).toBe('yml');
  });

  it('the configuration refuses a named file that cannot be read', () => {
    expect(problemsOf({ file: 'gone.yaml', env: MINIMAL })['--config']?.message).toContain('ENOENT');
    const env = { ...MINIMAL, FLOWKEEP_CONFIG: '/gone.yaml' };
    expect(problemsOf({ env })['FLOWKEEP_CONFIG']?.remedy).toContain('config init');
  });

  it('the configuration reads real files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flowkeep-config-'));
    try {
      await writeFile(join(folder, 'flowkeep.yaml'), exampleConfig());
      const config = loadConfig({ env: KEY, cwd: folder, alert: alertSchema });
      expect(config.stores[0]).toMatchObject({ path: join(folder, 'n8n-backup') });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('YAML that cannot be read', () => {
  it('YAML that cannot be read is reported with line and column, without the text', () => {
    const { problems, message } = errorOf({ yaml: 'instances:\n  prod:\n    apiKey: "hunter2\n  url: [' });
    expect(problems[0]?.path).toMatch(/^line \d+, column \d+$/);
    expect(message).toContain('/work/flowkeep.yaml');
    expect(message).not.toContain('hunter2');
  });

  it('a config file refuses a key that is given twice, a tag, several documents, and an unknown alias', () => {
    expect(problemsOf({ yaml: 'http:\n  port: 1\n  port: 2\n' })['line 3, column 3']?.message).toContain('twice');
    expect(problemsOf({ yaml: 'http: !secret x\n' })['line 1, column 7']?.message).toContain('tags');
    expect(Object.keys(problemsOf({ yaml: 'http: {}\n---\nhttp: {}\n' }))).toHaveLength(1);
    expect(errorOf({ yaml: 'http: *gone\n' }).message).toContain('alias');
  });

  it('a config file refuses aliases that unpack to more than memory holds', () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      return `l${level + 1}: &l${level + 1} [*l${level}, *l${level}, *l${level}, *l${level}]`;
    });
    const yaml = ['l0: &l0 [x, x, x, x]', ...levels].join('\n');
    expect(errorOf({ yaml }).message).toContain('nested too deeply');
  });

  it('a config file that is not a mapping is refused', () => {
    expect(errorOf({ yaml: '- prod\n' }).message).toContain('not a mapping');
  });
});
