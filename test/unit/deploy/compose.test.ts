import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load.ts';
import { alertSchema } from '../../../src/daemon/notify/registry.ts';

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly networks?: readonly string[];
}
const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};

/** Who mounts a volume of secrets, but for the service that makes them all and ends. */
function readersOf(volume: string): string[] {
  const mounts = (service: Service) => (service.volumes ?? []).some((each) => each.split(':')[0] === volume);
  return Object.keys(services).filter((name) => name !== 'secrets' && mounts(services[name]!));
}

/** The folders of secrets that a service sees. */
function foldersOf({ volumes = [] }: Service): string[] {
  return volumes.map((each) => each.split(':')[1]!).filter((folder) => folder.startsWith('/run/secrets/'));
}

describe('docker-compose.yml', () => {
  it.each([
    ['encryption-key', ['n8n']],
    ['owner-password', ['setup']],
    ['s3-root-key', ['s3', 'bucket']],
    ['bucket-key', ['bucket', 'flowkeep', 'restore']],
    ['http-token', ['flowkeep']],
    ['read-key', ['setup', 'flowkeep']],
    ['restore-key', ['setup', 'restore']],
    ['secrets', []],
  ])('docker-compose.yml shows the secret %s to those alone who need it', (volume, readers) => {
    expect(readersOf(volume)).toEqual(readers);
  });

  it('docker-compose.yml mounts secrets read-only, but for the service that writes them', () => {
    for (const [name, service] of Object.entries(services)) {
      const writable = (service.volumes ?? []).filter(
        (each) => each.includes('/run/secrets/') && !each.endsWith(':ro'),
      );
      const writes = { setup: ['read-key', 'restore-key'] }[name] ?? [];
      expect(writable.map((each) => each.split(':')[0])).toEqual(writes);
    }
  });

  it('docker-compose.yml keeps n8n and the S3 server on networks apart', () => {
    expect(services['n8n']!.networks).toEqual(['n8n']);
    expect(services['s3']!.networks).toEqual(['s3']);
  });

  it.each(['flowkeep', 'restore'])('docker-compose.yml gives %s an environment that loads', (name) => {
    const folders = foldersOf(services[name]!);
    const config = loadConfig({
      alert: alertSchema,
      ...{ env: services[name]!.environment ?? {}, cwd: '/data' },
      readFile: (path) => {
        if (folders.some((folder) => path.startsWith(`${folder}/`))) return 'secret';
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      },
    });
    expect(config.stores).toMatchObject([{ type: 's3', bucket: 'n8n-backups', endpoint: 'http://s3:9000' }]);
  });

  it('docker-compose.yml holds no secret itself: each is a file that its service mounts', () => {
    for (const service of Object.values(services)) {
      for (const [name, value] of Object.entries(service.environment ?? {})) {
        if (!/KEY|PASSWORD|TOKEN|SECRET/.test(name)) continue;
        expect(name).toMatch(/_FILE$/);
        expect(foldersOf(service).some((folder) => value.startsWith(`${folder}/`))).toBe(true);
      }
    }
  });
});

describe('the script that makes the bucket of docker-compose.yml', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowkeep-compose-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('the script that makes the bucket gives flowkeep a key of its own, and shows no secret in an argument', () => {
    const write = (name: string, text: string): void => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    write('root/user', 'the-root-user');
    write('root/password', 'the-root-password');
    write('key/access-key-id', 'the-key');
    write('key/secret-access-key', 'the-secret');
    // MinIO's client, as far as this script uses it: what it was called with, and what came by its input.
    const client =
      '#!/bin/sh\necho "$@" >>"$LOG"\ncase "$*" in *"user add"*) cat >>"$LOG.input";; *"rule ls"*) exit 1;; esac\n';
    write('bin/mc', client);
    chmodSync(join(folder, 'bin/mc'), 0o755);
    const log = join(folder, 'log');
    const args = [join(folder, 'root'), join(folder, 'key'), '/policies/prune-policy.json'];
    const env = {
      ...{ PATH: `${join(folder, 'bin')}:${process.env.PATH}`, LOG: log },
      ...{ S3_HOST: 's3:9000', S3_BUCKET: 'n8n-backups' },
    };
    const run = spawnSync('sh', [resolve('config/compose/make-bucket.sh'), ...args], { env, encoding: 'utf8' });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const calls = readFileSync(log, 'utf8');
    expect(calls.trim().split('\n')).toEqual([
      'mb --ignore-existing s3/n8n-backups',
      'version enable s3/n8n-backups',
      'ilm rule ls s3/n8n-backups',
      'ilm rule add --noncurrent-expire-days 30 s3/n8n-backups',
      'admin user add s3',
      'admin policy create s3 flowkeep /policies/prune-policy.json',
      'admin policy attach s3 flowkeep --user the-key',
    ]);
    expect(readFileSync(`${log}.input`, 'utf8')).toBe('the-key\nthe-secret\n');
  });
});

describe('the policies of config/s3', () => {
  const allowed = (name: string): string[] => {
    const { Statement } = JSON.parse(readFileSync(join('config/s3', name), 'utf8')) as {
      Statement: { Effect: string; Action: string[] }[];
    };
    expect(Statement.map(({ Effect }) => Effect)).toEqual(Statement.map(() => 'Allow'));
    return Statement.flatMap(({ Action }) => Action);
  };

  it('the policy for backups cannot delete, and that for pruning removes no older version', () => {
    expect(allowed('backup-policy.json')).toEqual(['s3:ListBucket', 's3:GetObject', 's3:PutObject']);
    expect(allowed('prune-policy.json')).toEqual([...allowed('backup-policy.json'), 's3:DeleteObject']);
  });
});
