import { execFile, type ExecFileOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../support/n8n/owner-session.ts';
import { freePorts } from '../support/n8n/server-process.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { startRgw } from '../support/s3/rgw.ts';
import { grepOutput } from '../support/secrets/grep.ts';
import { plant } from '../support/secrets/planted.ts';

const OCI = join(import.meta.dirname, '../support/oci');
const ROOT = join(import.meta.dirname, '../..');
const IMAGE = 'localhost/flowkeep:e2e';
const env = { ...process.env, STORAGE_DRIVER: 'overlay', CONTAINERS_CONF: join(OCI, 'containers.conf') };
const options = { env, maxBuffer: 64 * 1024 * 1024 };

let n8n: RunningN8n;
let folder: string;

beforeAll(async () => {
  await run(join(OCI, 'install.sh'), ['tools'], options);
  await run(join(OCI, 'base-image.sh'), [], options);
  await run(join(OCI, 'build.sh'), [ROOT, IMAGE], options);
  n8n = await startN8n({ licensed: false });
  folder = await mkdtemp(join(tmpdir(), 'flowkeep-container-'));
  // As a mounted secret: readable by the user of the image, whoever started the container.
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'n8n-api-key'), n8n.apiKey, { mode: 0o444 });
});
afterAll(async () => {
  await n8n.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What Kubernetes and compose do: no root, no rights, a root file system that cannot be written to. */
const hardened = ['--network', 'host', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

function settings(volume: string): string[] {
  return [
    ...['--volume', `${volume}:/data`, '--volume', `${folder}:/run/secrets/flowkeep:ro`],
    ...['--env', `N8N_URL=${n8n.url}`, '--env', 'N8N_API_KEY_FILE=/run/secrets/flowkeep/n8n-api-key'],
  ];
}

async function inVolume<T>(use: (volume: string) => Promise<T>): Promise<T> {
  const volume = `flowkeep-${randomUUID()}`;
  await run('podman', ['volume', 'create', volume], options);
  try {
    return await use(volume);
  } finally {
    await run('podman', ['volume', 'rm', '--force', volume], options);
  }
}

describe('the image', () => {
  it('the image is small, and brings no compiler and no root', async () => {
    const { stdout } = await run('podman', ['image', 'inspect', IMAGE], options);
    const [image] = JSON.parse(stdout) as { Size: number; Config: { User: string; Labels: object } }[];
    const base = await run('podman', ['image', 'inspect', 'localhost/node:24-bookworm-slim'], options);
    const [{ Size: baseSize = 0 } = {}] = JSON.parse(base.stdout) as { Size?: number }[];
    process.stderr.write(`image: ${Math.round(image!.Size / 1e6)} MB, base ${Math.round(baseSize / 1e6)} MB\n`);
    expect(image!.Size - baseSize).toBeLessThan(120e6);
    expect(image!.Config.User).toBe('1000:1000');
    expect(image!.Config.Labels).toHaveProperty(['org.opencontainers.image.title'], 'flowkeep');
    const look = 'id -u; command -v gcc cc make python3 || echo none';
    const inside = await run('podman', ['run', '--rm', ...hardened, '--entrypoint', 'sh', IMAGE, '-c', look], options);
    expect(inside.stdout.trim().split('\n')).toEqual(['1000', 'none']);
  });

  it('the image backs up a real n8n to git, as nobody on a read-only root', async () => {
    await inVolume(async (volume) => {
      const args = ['run', '--rm', ...hardened, ...settings(volume), IMAGE];
      const first = await run('podman', [...args, 'backup', '--json'], options);
      expect(JSON.parse(first.stdout)).toMatchObject({ instances: [{ stores: [{ status: 'saved' }] }] });
      const second = await run('podman', [...args, 'backup', '--json'], options);
      expect(JSON.parse(second.stdout)).toMatchObject({ instances: [{ stores: [{ status: 'unchanged' }] }] });
      const verified = await run('podman', [...args, 'verify', '--all', '--json'], options);
      expect(JSON.parse(verified.stdout)).toMatchObject({ instances: [{ stores: [{ status: 'intact' }] }] });
    });
  });

  it('the image runs the daemon, is healthy, and ends on SIGTERM by itself', async () => {
    await inVolume(async (volume) => {
      const [port = 0] = await freePorts(1);
      const name = `flowkeep-${randomUUID()}`;
      const daemon = ['--env', `FLOWKEEP_HTTP_PORT=${port}`, '--env', 'FLOWKEEP_SCHEDULE=*/5 * * * * *'];
      const child = spawn(
        'podman',
        ['run', '--rm', '--name', name, ...hardened, ...settings(volume), ...daemon, IMAGE],
        {
          env,
          stdio: 'ignore',
        },
      );
      const ended = new Promise((resolve) => child.once('close', resolve));
      const metrics = async (): Promise<string> => {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null);
        return (await answer?.text()) ?? '';
      };
      await expect
        .poll(metrics, { timeout: 60_000, interval: 250 })
        .toContain('flowkeep_runs_total{instance="default",job="backup",status="success"}');
      // The image's own health check, which an engine runs every 30 s.
      const { stdout } = await run('podman', ['image', 'inspect', IMAGE], options);
      const [{ Healthcheck: { Test = [] } = {} } = {}] = JSON.parse(stdout) as {
        Healthcheck?: { Test?: string[] };
      }[];
      await run('podman', ['exec', name, ...Test.slice(1)], options);
      await run('podman', ['kill', '--signal', 'TERM', name], options);
      expect(await ended).toBe(0);
    });
  });
});

describe('process 1 of the image', () => {
  it('process 1 of the image waits for what a failed git leaves behind, so that no zombie stays', async () => {
    await inVolume(async (volume) => {
      const [port = 0] = await freePorts(1);
      const name = `flowkeep-${randomUUID()}`;
      // Nobody listens there: each run starts git, whose helper for HTTP outlives it.
      const store = ['--env', 'FLOWKEEP_STORE=git+http://127.0.0.1:9/none.git'];
      const daemon = ['--env', `FLOWKEEP_HTTP_PORT=${port}`, '--env', 'FLOWKEEP_SCHEDULE=* * * * * *', ...store];
      const args = ['run', '--rm', '--name', name, ...hardened, ...settings(volume), ...daemon, IMAGE];
      const child = spawn('podman', args, { env, stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('close', resolve));
      const failed = async (): Promise<number> => {
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null);
        return Number(/^flowkeep_runs_total\{.*status="failed"\} (\d+)$/m.exec((await answer?.text()) ?? '')?.[1] ?? 0);
      };
      await expect.poll(failed, { timeout: 60_000, interval: 250 }).toBeGreaterThanOrEqual(3);
      const zombies = async (): Promise<string> => {
        const look = "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l";
        return (await run('podman', ['exec', name, 'sh', '-c', look], options)).stdout.trim();
      };
      await expect.poll(zombies, { timeout: 10_000 }).toBe('0');
      await run('podman', ['kill', '--signal', 'TERM', name], options);
      expect(await ended).toBe(0);
    });
  });
});

describe('docker-compose.yml', () => {
  it('docker-compose.yml passes compose itself', async () => {
    const { stdout } = await run(join(OCI, 'install.sh'), ['compose'], options);
    await run(stdout.trim(), ['--file', join(ROOT, 'docker-compose.yml'), 'config', '--quiet'], options);
  });

  it('docker-compose.yml sets n8n up with a key that only reads and can back up, and again without harm', async () => {
    const secrets = join(folder, 'compose');
    await mkdir(secrets);
    const scripts = join(ROOT, 'config/compose');
    await using rgw = await startRgw();
    await using fresh = await startN8n({ licensed: false });
    await run(process.execPath, [join(scripts, 'make-secrets.mjs'), secrets], options);
    expect(await readFile(join(secrets, 'http-token/token'), 'utf8')).toMatch(/^\S{20,}$/);
    // The servers of this test have an owner and a key of the bucket already.
    await replace(join(secrets, 'owner-password/password'), OWNER.password);
    await replace(join(secrets, 'bucket-key/access-key-id'), rgw.accessKey);
    await replace(join(secrets, 'bucket-key/secret-access-key'), rgw.secretKey);
    const mount = (name: string, options = ':ro') => [
      '--volume',
      `${join(secrets, name)}:/run/secrets/${name}${options}`,
    ];
    const setUp = ['--network', 'host', '--volume', `${scripts}:/setup:ro`, ...mount('owner-password')];
    const keys = [...mount('read-key', ''), ...mount('restore-key', '')];
    const where = ['--env', `N8N_URL=${fresh.url}`, '--env', `OWNER_EMAIL=${OWNER.email}`, '--entrypoint', 'node'];
    const folders = ['owner-password', 'read-key', 'restore-key'].map((name) => `/run/secrets/${name}`);
    const made: string[] = [];
    for (let times = 0; times < 2; times++) {
      await run(
        'podman',
        ['run', '--rm', ...setUp, ...keys, ...where, IMAGE, '/setup/set-up.mjs', ...folders],
        options,
      );
      made.push(await readFile(join(secrets, 'read-key/n8n-api-key'), 'utf8'));
    }
    expect(made[1]).toBe(plant(made[0]!, 'key of n8n'));
    plant(await readFile(join(secrets, 'restore-key/n8n-api-key'), 'utf8'), 'key of n8n');

    await rgw.createBucket('first');
    const settings = (key: string): string[] => [
      ...['--env', `N8N_URL=${fresh.url}`, '--env', `N8N_API_KEY_FILE=/run/secrets/${key}/n8n-api-key`],
      ...['--env', `FLOWKEEP_STORE=s3://first/n8n?region=us-east-1&forcePathStyle=true&endpoint=${rgw.endpoint}`],
      ...['--env', 'FLOWKEEP_S3_ACCESS_KEY_ID_FILE=/run/secrets/bucket-key/access-key-id'],
      ...['--env', 'FLOWKEEP_S3_SECRET_ACCESS_KEY_FILE=/run/secrets/bucket-key/secret-access-key'],
    ];
    const inCompose = async (key: string, ...args: readonly string[]): Promise<unknown> => {
      const mounts = [...mount(key), ...mount('bucket-key')];
      const { stdout } = await run(
        'podman',
        ['run', '--rm', ...hardened, ...mounts, ...settings(key), IMAGE, ...args],
        options,
      );
      return JSON.parse(stdout);
    };
    expect(await inCompose('read-key', 'backup', '--json')).toMatchObject({
      instances: [{ stores: [{ status: 'saved' }] }],
    });
    const [checked] = ((await inCompose('read-key', 'check', '--json')) as { instances: Checked[] }).instances;
    expect(checked!.commands.find(({ command }) => command === 'backup')).toMatchObject({ missing: [] });
    expect(checked!.unattended.needless).toEqual([]);
    const [able] = ((await inCompose('restore-key', 'check', '--json')) as { instances: Checked[] }).instances;
    expect(able!.commands.find(({ command }) => command === 'restore')).toMatchObject({ missing: [] });
  });
});

interface Checked {
  readonly commands: readonly { readonly command: string; readonly missing: readonly unknown[] }[];
  readonly unattended: { readonly needless: readonly string[] };
}

/** Puts a value into a file that only its owner may write, for the user of the image. */
async function replace(file: string, value: string): Promise<void> {
  await rm(file);
  await writeFile(file, value, { mode: 0o444 });
}

/** Runs a program of which everything that it prints is grepped for planted secrets. */
async function run(command: string, args: readonly string[], options: ExecFileOptions): Promise<{ stdout: string }> {
  const { stdout, stderr } = await promisify(execFile)(command, [...args], { ...options, encoding: 'utf8' });
  grepOutput(`stdout of ${command} ${args[0] ?? ''}`, stdout);
  grepOutput(`stderr of ${command} ${args[0] ?? ''}`, stderr);
  return { stdout };
}
