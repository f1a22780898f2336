import { execFile, type ExecFileOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/n8n/server-process.ts';
import { startN8n, type RunningN8n } from '../support/n8n/start.ts';
import { startRgw } from '../support/s3/rgw.ts';
import { grepOutput } from '../support/secrets/grep.ts';

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

describe('docker-compose.yml', () => {
  it('docker-compose.yml passes compose itself', async () => {
    const { stdout } = await run(join(OCI, 'install.sh'), ['compose'], options);
    await run(stdout.trim(), ['--file', join(ROOT, 'docker-compose.yml'), 'config', '--quiet'], options);
  });

  it('docker-compose.yml sets n8n and the bucket up so that a first backup works, and again without harm', async () => {
    const secrets = join(folder, 'compose');
    await mkdir(secrets);
    const scripts = join(ROOT, 'config/compose');
    await using rgw = await startRgw();
    await using fresh = await startN8n({ licensed: false });
    await run(process.execPath, [join(scripts, 'make-secrets.mjs'), secrets], options);
    // The servers of this test have keys and an owner of their own already.
    await rm(join(secrets, 's3-access-key-id'));
    await rm(join(secrets, 's3-secret-access-key'));
    await writeFile(join(secrets, 's3-access-key-id'), rgw.accessKey);
    await writeFile(join(secrets, 's3-secret-access-key'), rgw.secretKey);
    await writeFile(join(secrets, 'n8n-api-key'), fresh.apiKey);
    const setUp = ['--volume', `${scripts}:/setup:ro`, '--volume', `${secrets}:/run/flowkeep`, '--user', '0:0'];
    const where = ['--env', `N8N_URL=${fresh.url}`, '--env', `S3_ENDPOINT=${rgw.endpoint}`, '--env', 'S3_BUCKET=first'];
    for (let times = 0; times < 2; times++) {
      const args = ['run', '--rm', '--network', 'host', ...setUp, ...where, '--entrypoint', 'node', IMAGE];
      await run('podman', [...args, '/setup/set-up.mjs', '/run/flowkeep'], options);
    }
    const store = `s3://first/n8n?region=us-east-1&forcePathStyle=true&endpoint=${rgw.endpoint}`;
    const secretFiles = ['n8n-api-key', 's3-access-key-id', 's3-secret-access-key'];
    for (const name of secretFiles) await chmod(join(secrets, name), 0o444);
    const flowkeepEnv = [
      ...['--env', `N8N_URL=${fresh.url}`, '--env', 'N8N_API_KEY_FILE=/run/flowkeep/n8n-api-key'],
      ...['--env', `FLOWKEEP_STORE=${store}`],
      ...['--env', 'FLOWKEEP_S3_ACCESS_KEY_ID_FILE=/run/flowkeep/s3-access-key-id'],
      ...['--env', 'FLOWKEEP_S3_SECRET_ACCESS_KEY_FILE=/run/flowkeep/s3-secret-access-key'],
    ];
    const args = ['run', '--rm', ...hardened, '--volume', `${secrets}:/run/flowkeep:ro`, ...flowkeepEnv, IMAGE];
    const { stdout } = await run('podman', [...args, 'backup', '--json'], options);
    expect(JSON.parse(stdout)).toMatchObject({ instances: [{ stores: [{ status: 'saved' }] }] });
    expect(await readFile(join(secrets, 'http-token'), 'utf8')).toMatch(/^\S{20,}$/);
  });
});

/** Runs a program of which everything that it prints is grepped for planted secrets. */
async function run(command: string, args: readonly string[], options: ExecFileOptions): Promise<{ stdout: string }> {
  const { stdout, stderr } = await promisify(execFile)(command, [...args], { ...options, encoding: 'utf8' });
  grepOutput(`stdout of ${command} ${args[0] ?? ''}`, stdout);
  grepOutput(`stderr of ${command} ${args[0] ?? ''}`, stderr);
  return { stdout };
}
