import { describe, expect, it } from 'vitest';
import { FlowkeepError } from '../../../../src/lib/errors.ts';
import { errorOf, KEY, problemsOf, yamlWith } from '../support.ts';

/** Problems of a file whose only instance has these lines more. */
const ofInstance = (lines: string) => problemsOf({ yaml: yamlWith(lines), env: KEY });
const ofStore = (store: string) => problemsOf({ yaml: yamlWith('', store), env: KEY });

describe('problems of a config file', () => {
  it('problems of a config file are all reported at once, each with its dotted path, and lead to exit code 2', () => {
    const yaml = `
instances:
  prod:
    url: ftp://n8n
    apiKey: { env: NOT_SET }
    rateLimit: { concurency: 2, concurrency: 0, requestsPerSecond: fast }
    stores: [repo, offsit]
    kinds: [workflow]
    schedules: { backup: "61 * * * *" }
    timezone: Europe/Berlinn
  PROD: {}
stores:
  repo: { type: git, path: ./a, bucket: b }
  offsite: { type: s3, retention: { keepWithin: 7 days } }
  third: { type: gti }
http: { port: 70000, tokn: x }
store: {}
`;
    const error = errorOf({ yaml });
    expect(error).toBeInstanceOf(FlowkeepError);
    expect(error.exitCode).toBe(2);
    expect(error.problems.map(({ path }) => path).sort()).toEqual(
      [
        'http.port',
        'http.tokn',
        'instances.PROD',
        'instances.PROD.apiKey',
        'instances.PROD.url',
        'instances.prod.apiKey',
        'instances.prod.kinds[0]',
        'instances.prod.rateLimit.concurency',
        'instances.prod.rateLimit.concurrency',
        'instances.prod.rateLimit.requestsPerSecond',
        'instances.prod.schedules.backup',
        'instances.prod.stores[1]',
        'instances.prod.timezone',
        'instances.prod.url',
        'store',
        'stores.offsite.bucket',
        'stores.offsite.retention.keepWithin',
        'stores.repo.bucket',
        'stores.third.type',
      ].sort(),
    );
    for (const { path, message } of error.problems) expect(error.message).toContain(`${path}: ${message}`);
  });

  it('problems of a config file suggest what was probably meant', () => {
    expect(ofInstance('api_key: x')['instances.prod.api_key']?.remedy).toBe('did you mean apiKey?');
    expect(ofInstance('rateLimits: {}')['instances.prod.rateLimits']?.remedy).toBe('did you mean rateLimit?');
    expect(ofInstance('kinds: [data_tables]')['instances.prod.kinds[0]']?.remedy).toBe('did you mean data-tables?');
    expect(ofInstance('stores: [rpo]')['instances.prod.stores[0]']?.remedy).toBe('did you mean repo?');
    expect(ofStore('type: s3, bucket: b, acessKeyId: x')['stores.repo.acessKeyId']?.remedy).toContain('accessKeyId');
    expect(ofInstance('qqqqqqqqqq: 1')['instances.prod.qqqqqqqqqq']?.remedy).toContain('known here: url, apiKey');
  });

  it('problems of a config file say which type was expected', () => {
    const problems = ofInstance('rateLimit: { concurrency: "4" }\nkinds: tags\nschedules: [x]\ntimezone: 5');
    expect(problems['instances.prod.rateLimit.concurrency']?.message).toBe('must be a number, not text');
    expect(problems['instances.prod.kinds']?.message).toBe('must be a list, not text');
    expect(problems['instances.prod.schedules']?.message).toBe('must be a section, not a list');
    expect(problems['instances.prod.timezone']?.message).toBe('must be text, not a number');
  });

  it('problems of a config file name missing sections and settings', () => {
    expect(problemsOf({ yaml: 'http: {}\n' })['instances']?.message).toBe('is missing');
    expect(problemsOf({ yaml: 'instances: {}\nstores: {}\n' })['instances']?.message).toBe('is empty');
    expect(ofStore('type: s3')['stores.repo.bucket']?.message).toBe('is missing');
    expect(ofStore('path: ./x')['stores.repo.type']?.message).toBe('is missing');
    expect(ofStore('type: git')['stores.repo.path']?.message).toContain('so is remote');
  });
});

describe('names', () => {
  const ofName = (name: string) => {
    return problemsOf({ yaml: yamlWith('').replace('prod:', `${JSON.stringify(name)}:`), env: KEY });
  };

  it.each(['..', '.', '.git', '-x', 'a/b', 'a b', 'CON', 'nul.txt', 'x.', 'ü', 'x'.repeat(65), '__proto__', ''])(
    'the configuration refuses %j as the name of an instance',
    (name) => {
      const messages = Object.values(ofName(name)).map(({ message }) => message);
      expect(messages).toContain('is not a name that is safe as a folder');
    },
  );

  it('the configuration puts a name with a dot into brackets, so that the path is unambiguous', () => {
    const yaml = yamlWith('timezone: x').replace('prod:', 'eu.prod:');
    expect(Object.keys(problemsOf({ yaml, env: KEY }))).toEqual(['instances["eu.prod"].timezone']);
  });

  it('the configuration refuses names that differ in case only', () => {
    const yaml = yamlWith('').replace('stores:', '  Prod: { url: "https://x", apiKey: { env: N8N_API_KEY } }\nstores:');
    expect(problemsOf({ yaml, env: KEY })['instances.Prod']?.message).toContain('differs from prod in case only');
  });

  it('the configuration refuses a store or a kind that is given twice', () => {
    expect(ofInstance('stores: [repo, repo]')['instances.prod.stores[1]']?.message).toBe('is given twice');
    expect(ofInstance('kinds: [tags, tags]')['instances.prod.kinds[1]']?.message).toBe('is given twice');
  });
});

describe('URLs, branches and storage classes', () => {
  it.each(['n8n.example.com', 'ftp://x', 'https://user@x', 'https://x?a=1', 'https://x/#a', ''])(
    'the configuration refuses %j as the URL of an instance',
    (url) => {
      const yaml = yamlWith('').replace('https://n8n.example.com', JSON.stringify(url));
      expect(Object.keys(problemsOf({ yaml, env: KEY }))).toEqual(['instances.prod.url']);
    },
  );

  it.each([
    'ext::sh -c x',
    '--upload-pack=x',
    'git://host/r.git',
    '/srv/repo.git',
    'ssh://-oProxyCommand=x/r',
    'ssh://-oX@host/r',
    '-oX@host:r.git',
    'https://token@host/r.git',
    'ssh://git:pw@host/r.git',
  ])('the configuration refuses %j as a remote', (remote) => {
    expect(Object.keys(ofStore(`type: git, remote: ${JSON.stringify(remote)}`))).toEqual(['stores.repo.remote']);
  });

  it.each(['-b', 'a..b', 'a b', 'x.lock', 'a/', '@{1}', 'a:b', ''])(
    'the configuration refuses %j as a branch',
    (branch) => {
      expect(Object.keys(ofStore(`type: git, path: x, branch: ${JSON.stringify(branch)}`))).toEqual([
        'stores.repo.branch',
      ]);
    },
  );

  it('the configuration refuses storage classes that cannot be read back immediately', () => {
    expect(ofStore('type: s3, bucket: b, storageClass: DEEP_ARCHIVE')['stores.repo.storageClass']?.remedy).toContain(
      'GLACIER_IR',
    );
  });
});

describe('settings that belong together', () => {
  it('the configuration requires both halves of an access key', () => {
    const half = ofStore('type: s3, bucket: b, accessKeyId: { env: N8N_API_KEY }');
    expect(Object.keys(half)).toEqual(['stores.repo.secretAccessKey']);
    const other = ofStore('type: s3, bucket: b, secretAccessKey: { env: N8N_API_KEY }');
    expect(Object.keys(other)).toEqual(['stores.repo.accessKeyId']);
  });

  it('the configuration reports an access key that cannot be read once, and not as missing too', () => {
    const store = 'type: s3, bucket: b, accessKeyId: { env: N8N_API_KEY }, secretAccessKey: { env: GONE }';
    expect(errorOf({ yaml: yamlWith('', store), env: KEY }).problems).toHaveLength(1);
  });

  it('the configuration requires a KMS key together with KMS encryption', () => {
    expect(ofStore('type: s3, bucket: b, kmsKeyId: k')['stores.repo.kmsKeyId']?.remedy).toContain('sse');
  });

  it('the configuration refuses a retention that keeps nothing', () => {
    expect(ofStore('type: s3, bucket: b, retention: {}')['stores.repo.retention.keepLast']).toBeDefined();
    expect(ofStore('type: s3, bucket: b, retention: { keepLast: 0 }')['stores.repo.retention.keepLast']).toBeDefined();
  });

  it('the configuration refuses a token or key that the remote cannot use', () => {
    expect(ofStore('type: git, path: x, auth: { env: N8N_API_KEY }')['stores.repo.auth']).toBeDefined();
    const remote = 'remote: "https://h/r.git", ssh: { keyFile: x }';
    expect(ofStore(`type: git, ${remote}`)['stores.repo.ssh']).toBeDefined();
  });
});
