import { describe, expect, it } from 'vitest';
import { ENV_SETTINGS } from '../../../../src/config/environment/env-settings.ts';
import type { EnvSetting } from '../../../../src/config/environment/env-values.ts';
import { configJsonSchema, type JsonSchema } from '../../../../src/config/schema/json-schema.ts';
import { STORE_TYPE_NAMES } from '../../../../src/config/stores/registry.ts';
import { alertSchema } from '../../../../src/daemon/notify/registry.ts';
import { KEPT, load, MINIMAL, problemsOf, yamlWith } from '../support.ts';

const storeOf = (env: Record<string, string>) => load({ env: { ...MINIMAL, ...env } }).stores[0];
const problems = (env: Record<string, string>) => problemsOf({ env: { ...MINIMAL, ...env } });

describe('the environment alone', () => {
  it('the environment alone is enough, with a local git repository as the store', () => {
    const config = load({ env: MINIMAL });
    expect(config.instances).toMatchObject([{ name: 'default', url: MINIMAL.N8N_URL, stores: ['default'] }]);
    expect(config.stores).toEqual([
      { name: 'default', type: 'git', path: '/work/n8n-backup', branch: 'main', timeout: 60_000, ...KEPT },
    ]);
  });

  it('the environment alone takes the key from a file', () => {
    const env = { N8N_URL: 'http://x', N8N_API_KEY_FILE: '/run/key' };
    expect(load({ env, files: { '/run/key': 'k\n' } }).instances[0]?.apiKey.reveal()).toBe('k');
    expect(problemsOf({ env })['N8N_API_KEY_FILE']?.message).toContain('ENOENT');
  });

  it('the environment alone says what is missing by the names of variables', () => {
    expect(Object.keys(problemsOf({}))).toEqual(['N8N_URL', 'N8N_API_KEY']);
    expect(Object.keys(problemsOf({ env: { ...MINIMAL, N8N_API_KEY: '' } }))).toEqual(['N8N_API_KEY']);
  });

  it('the environment alone gives every setting of the instance', () => {
    const env = {
      ...MINIMAL,
      FLOWKEEP_INSTANCE: 'prod',
      FLOWKEEP_RATE_LIMIT_CONCURRENCY: '2',
      FLOWKEEP_RATE_LIMIT_REQUESTS_PER_SECOND: '0.5',
      FLOWKEEP_TIMEOUT: '2m',
      FLOWKEEP_GIT_TIMEOUT: '5s',
      FLOWKEEP_KINDS: 'workflows, users',
      FLOWKEEP_SCHEDULE: '*/5 * * * *',
      FLOWKEEP_SCHEDULE_PULL: '0 6 * * mon-fri',
      FLOWKEEP_TIMEZONE: 'Europe/Berlin',
      FLOWKEEP_HTTP_PORT: 'off',
      FLOWKEEP_HTTP_HOST: '0.0.0.0',
      FLOWKEEP_HTTP_HOSTS: 'flowkeep.example.com, other.example.com',
    };
    const config = load({ env });
    expect(config.instances[0]).toMatchObject({
      name: 'prod',
      rateLimit: { concurrency: 2, requestsPerSecond: 0.5 },
      timeout: 120_000,
      kinds: ['workflows', 'users'],
      schedules: { backup: '*/5 * * * *', verify: null, prune: null, pull: '0 6 * * mon-fri' },
      timezone: 'Europe/Berlin',
    });
    expect(config.stores).toMatchObject([{ timeout: 5000 }]);
    const hosts = ['flowkeep.example.com', 'other.example.com'];
    expect(config.http).toEqual({ port: null, host: '0.0.0.0', hosts });
  });

  it('the environment alone names the variable of a wrong value', () => {
    const wrong = {
      FLOWKEEP_INSTANCE: '../x',
      FLOWKEEP_RATE_LIMIT_CONCURRENCY: 'many',
      FLOWKEEP_KINDS: 'workflows,tag',
      FLOWKEEP_SCHEDULE: 'hourly',
      FLOWKEEP_HTTP_PORT: 'tcp://10.0.0.1:80',
      FLOWKEEP_GIT_BRANCH: '-x',
    };
    expect(Object.keys(problems(wrong)).sort()).toEqual(Object.keys(wrong).sort());
  });

  it('the environment alone refuses a secret that is given twice', () => {
    expect(problems({ N8N_API_KEY_FILE: '/k' })['N8N_API_KEY']?.remedy).toBe('set one of them');
  });
});

describe('FLOWKEEP_STORE', () => {
  it.each([
    ['git:./backup', { type: 'git', path: '/work/backup' }],
    ['git:/srv/backup', { type: 'git', path: '/srv/backup' }],
    ['git+https://h/r.git', { type: 'git', remote: 'https://h/r.git' }],
    ['git+http://h/r.git', { type: 'git', remote: 'http://h/r.git' }],
    ['git+ssh://git@h:22/r.git', { type: 'git', remote: 'ssh://git@h:22/r.git' }],
    ['git+file:///srv/r.git', { type: 'git', remote: 'file:///srv/r.git' }],
    ['s3://my-bucket', { type: 's3', bucket: 'my-bucket', prefix: '' }],
    [
      's3://b/a/c%20d/?region=r&endpoint=http%3A%2F%2F127.0.0.1:9000&forcePathStyle=true&checksums=when-required',
      { bucket: 'b', prefix: 'a/c d', region: 'r', endpoint: 'http://127.0.0.1:9000', forcePathStyle: true },
    ],
  ])('%s', (text, store) => {
    expect(storeOf({ FLOWKEEP_STORE: text })).toMatchObject(store);
  });

  it.each([
    './backup',
    'git:',
    'git:--x',
    'git://h/r',
    'git:https://h/r.git',
    'https://h/r.git',
    'git+ext::sh',
    'git+https://u:p@h/r.git',
    'git+https://token@h/r.git',
    'git+ssh://git:pw@h/r.git',
    's3://',
    's3://id:secret@b',
    's3://b/%',
    's3://b?regoin=x',
    's3://b?secretAccessKey=x',
    's3://b?forcePathStyle=maybe',
  ])('FLOWKEEP_STORE refuses %s', (text) => {
    expect(Object.keys(problems({ FLOWKEEP_STORE: text }))).toEqual(['FLOWKEEP_STORE']);
  });

  it('FLOWKEEP_STORE suggests an option that was probably meant', () => {
    expect(problems({ FLOWKEEP_STORE: 's3://b?regoin=x' })['FLOWKEEP_STORE']?.remedy).toBe('did you mean region?');
  });

  it('FLOWKEEP_STORE is changed by single variables', () => {
    const git = storeOf({
      FLOWKEEP_STORE: 'git+https://h/r.git',
      FLOWKEEP_GIT_PATH: 'clone',
      FLOWKEEP_GIT_BRANCH: 'snapshots',
      FLOWKEEP_GIT_TOKEN: 't',
      FLOWKEEP_GIT_USERNAME: 'bot',
      FLOWKEEP_GIT_AUTHOR_EMAIL: 'bot@example.com',
      FLOWKEEP_GIT_AUTHOR_SIGN_OFF: 'true',
    });
    expect(git).toMatchObject({ path: '/work/clone', branch: 'snapshots', auth: { username: 'bot' } });
    expect(git).toMatchObject({ author: { name: 'flowkeep', email: 'bot@example.com', signOff: true } });
    const s3 = storeOf({
      FLOWKEEP_STORE: 's3://b?region=a',
      FLOWKEEP_S3_REGION: 'b',
      FLOWKEEP_RETENTION_KEEP_LAST: '3',
    });
    expect(s3).toMatchObject({ region: 'b', retention: { keepLast: 3 } });
  });

  it('FLOWKEEP_STORE can be left out where the variables of a store are set', () => {
    expect(storeOf({ FLOWKEEP_S3_BUCKET: 'b' })).toMatchObject({ type: 's3', bucket: 'b' });
    expect(storeOf({ FLOWKEEP_GIT_REMOTE: 'git@h:r.git' })).not.toHaveProperty('path');
    expect(storeOf({ FLOWKEEP_GIT_BRANCH: 'b' })).toMatchObject({ path: '/work/n8n-backup', branch: 'b' });
  });

  it('FLOWKEEP_STORE refuses variables of the other type of store, and a user name without a token', () => {
    expect(problems({ FLOWKEEP_STORE: 'git:./x', FLOWKEEP_RETENTION_KEEP_LAST: '3' })).toHaveProperty(
      'FLOWKEEP_RETENTION_KEEP_LAST',
    );
    expect(problems({ FLOWKEEP_STORE: 's3://b', FLOWKEEP_GIT_BRANCH: 'x' })).toHaveProperty('FLOWKEEP_GIT_BRANCH');
    const named = { FLOWKEEP_STORE: 'git+https://h/r', FLOWKEEP_GIT_USERNAME: 'bot' };
    expect(Object.keys(problems(named))).toEqual(['FLOWKEEP_GIT_USERNAME']);
  });
});

describe('file and environment together', () => {
  const yaml = yamlWith('timezone: Europe/Berlin');

  it('the configuration lets the file decide, and names the variables that had no effect', () => {
    const env = {
      ...MINIMAL,
      FLOWKEEP_TIMEZONE: 'UTC',
      FLOWKEEP_STORE: 's3://b',
      FLOWKEEP_HTTP_PORT: '9000',
    };
    const config = load({ yaml, env });
    expect(config.instances).toMatchObject([{ name: 'prod', timezone: 'Europe/Berlin' }]);
    expect(config.stores).toMatchObject([{ name: 'repo' }]);
    expect(config.origin.unused).toEqual(['N8N_URL', 'FLOWKEEP_TIMEZONE', 'FLOWKEEP_STORE']);
  });

  it('the configuration lets the environment add what the file leaves out', () => {
    const env = { ...MINIMAL, FLOWKEEP_HTTP_PORT: '9000', FLOWKEEP_HTTP_HOST: '0.0.0.0' };
    const config = load({ yaml: `${yaml}http: { port: 7000 }\n`, env });
    expect(config.http).toEqual({ port: 7000, host: '0.0.0.0', hosts: [] });
    expect(config.origin.used).toEqual(['FLOWKEEP_HTTP_HOST']);
    const storeOnly = 'stores: { repo: { type: git, path: x } }\nhttp:\n';
    expect(load({ yaml: storeOnly, env: MINIMAL }).instances).toMatchObject([{ name: 'default', stores: ['repo'] }]);
    const noStore = yaml.replace(/stores:[^]*/, '');
    expect(load({ yaml: noStore, env: { ...MINIMAL, FLOWKEEP_STORE: 's3://b' } }).stores).toMatchObject([
      { bucket: 'b' },
    ]);
  });
});

describe('unknown variables', () => {
  it('unknown variables are reported with a suggestion', () => {
    expect(problems({ FLOWKEEP_KIND: 'tags' })['FLOWKEEP_KIND']?.remedy).toBe('did you mean FLOWKEEP_KINDS?');
    expect(problems({ FLOWKEEP_PORT: '80' })['FLOWKEEP_PORT']?.remedy).toBe('did you mean FLOWKEEP_HTTP_PORT?');
    expect(problems({ FLOWKEEP_S3_ACCESS_KEY: 'x' })).toHaveProperty('FLOWKEEP_S3_ACCESS_KEY');
  });

  it('unknown variables are the own business of who refers to them, and of Kubernetes for a service called flowkeep', () => {
    const services = {
      FLOWKEEP_SERVICE_HOST: '10.0.0.1',
      FLOWKEEP_SERVICE_PORT: '8080',
      FLOWKEEP_SERVICE_PORT_HTTP: '8080',
      FLOWKEEP_PORT: 'tcp://10.0.0.1:8080',
      FLOWKEEP_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      FLOWKEEP_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    const yaml = yamlWith('').replace('N8N_API_KEY', 'FLOWKEEP_MY_KEY');
    expect(load({ yaml, env: { ...services, FLOWKEEP_MY_KEY: 'k' } }).instances).toHaveLength(1);
  });
});

describe('the table of variables', () => {
  it('the table of variables has a variable for every setting of an instance, each type of store and http', () => {
    const { instances, stores, http, daemon, alerts } = configJsonSchema(alertSchema).properties ?? {};
    const ofTypes = (stores?.additionalProperties as JsonSchema).oneOf ?? [];
    const pathsOf = (settings: readonly EnvSetting[]) => settings.map(({ path }) => path.join('.')).sort();
    // With one store there is nothing to choose from.
    const instance = leavesOf(instances?.additionalProperties as JsonSchema).filter((path) => path !== 'stores');
    expect(pathsOf(ENV_SETTINGS.instance)).toEqual(instance);
    expect(ofTypes).toHaveLength(STORE_TYPE_NAMES.length);
    for (const [index, type] of STORE_TYPE_NAMES.entries()) {
      const settings = [...ENV_SETTINGS.store, ...ENV_SETTINGS[type]];
      expect(pathsOf(settings)).toEqual(leavesOf(ofTypes[index]).filter((path) => path !== 'type'));
    }
    expect(pathsOf(ENV_SETTINGS.http)).toEqual(leavesOf(http));
    expect(pathsOf(ENV_SETTINGS.daemon)).toEqual(leavesOf(daemon));
    expect(pathsOf(ENV_SETTINGS.alerts)).toEqual(leavesOf(alerts));
  });
});

/** Paths of every setting that holds a value; a reference to a secret is one, and what stands beside it another. */
function leavesOf(schema: JsonSchema | undefined): string[] {
  const forms = [schema ?? {}, ...(schema?.anyOf ?? [])];
  const leaves = forms.flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, child]) => {
      if (name === 'env' || name === 'file') return [''];
      const below = leavesOf(child);
      return below.length === 0 ? [name] : below.map((leaf) => (leaf === '' ? name : `${name}.${leaf}`));
    }),
  );
  return [...new Set(leaves)].sort();
}
