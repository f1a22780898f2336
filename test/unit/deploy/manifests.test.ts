import { readdirSync, readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { validate as validateDockerfile } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertSchema } from '../../../src/daemon/notify/registry.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { EXIT_CODE_TABLE } from '../../../src/lib/exit-codes.ts';
import { readManifests, validateManifests, type Manifest } from '../../support/k8s-validate.ts';

const FOLDER = 'config/kubernetes';
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== 'flowkeep.yaml');
const resources = files.filter((name) => name !== 'kustomization.yaml');
const manifests = resources.flatMap((name) => readManifests(join(FOLDER, name)));

/** Every object with this key, at any depth. */
function found(value: unknown, key: string): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap((child) => found(child, key));
  return Object.hasOwn(value, key) ? [value as Record<string, unknown>, ...below] : below;
}

const pods = manifests.flatMap((manifest) => found(manifest, 'containers'));

describe('the Kubernetes manifests', () => {
  it('the Kubernetes manifests are valid, and have no unknown field', async () => {
    expect(await validateManifests(manifests)).toEqual([]);
  });

  it('the Kubernetes manifests are refused by this test where a field is misspelt or of the wrong type', async () => {
    const [deployment] = readManifests(join(FOLDER, 'deployment.yaml')) as [Manifest];
    const wrong = structuredClone(deployment) as { spec: Record<string, unknown> } & Manifest;
    wrong.spec['replica'] = 1;
    wrong.spec['replicas'] = 'one';
    const problems = (await validateManifests([wrong])).join('\n');
    expect(problems).toContain('replica');
    expect(problems).toMatch(/replicas|number/);
  });

  it('the Kubernetes manifests are all named by the kustomization, or in a comment of it', () => {
    const text = readFileSync(join(FOLDER, 'kustomization.yaml'), 'utf8');
    for (const name of resources) expect(text).toContain(name);
    const { resources: listed } = parse(text) as { resources: string[] };
    for (const name of listed) expect(files).toContain(name);
  });

  it('the Kubernetes manifests run as nobody in particular, on a read-only root, without rights', () => {
    expect(pods.length).toBeGreaterThanOrEqual(4);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of pod['containers'] as Record<string, unknown>[]) {
        expect(container['securityContext']).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container['resources']).toMatchObject({ limits: { memory: expect.any(String) as string } });
      }
    }
  });

  it('the Kubernetes manifests mention exit codes that exist, each once', () => {
    const known = EXIT_CODE_TABLE.map(([code]) => code as number);
    const policies = manifests.flatMap((manifest) => found(manifest, 'rules'));
    expect(policies).toHaveLength(3);
    for (const policy of policies) {
      const values = found(policy, 'values').flatMap(({ values: codes }) => codes as number[]);
      expect(new Set(values).size).toBe(values.length);
      for (const value of values) expect(known).toContain(value);
    }
  });

  it('the Kubernetes manifests have as many shards as the job has indexes', () => {
    const [fleet] = readManifests(join(FOLDER, 'fleet.yaml'));
    const [job] = found(fleet, 'completions');
    const [shards] = found(fleet, 'name').filter(({ name }) => name === 'FLOWKEEP_SHARDS');
    expect(shards?.['value']).toBe(String(job?.['completions']));
  });

  it.each([
    ['Deployment', 'flowkeep', ['flowkeep-n8n-read', 'flowkeep-bucket-prune', 'flowkeep-http']],
    ['CronJob', 'flowkeep-backup', ['flowkeep-n8n-read', 'flowkeep-bucket']],
    ['CronJob', 'flowkeep-fleet', ['flowkeep-n8n-read', 'flowkeep-bucket']],
    ['Job', 'flowkeep-restore-', ['flowkeep-n8n-restore', 'flowkeep-bucket']],
  ])('the Kubernetes manifests give %s/%s the secrets that it needs, and no others', (kind, name, secrets) => {
    const manifest = manifests.find((each) => {
      const { name: given, generateName } = each.metadata ?? {};
      return each.kind === kind && (given ?? generateName) === name;
    });
    const pod = found(manifest, 'containers')[0] as unknown as Pod;
    const secretOf = new Map(pod.volumes.flatMap((each) => (each.secret ? [[each.name, each.secret.secretName]] : [])));
    expect([...secretOf.values()]).toEqual(secrets);

    const { env, volumeMounts } = pod.containers[0]!;
    const folders = volumeMounts.filter((mount) => secretOf.has(mount.name)).map(({ mountPath }) => mountPath);
    const config = loadConfig({
      alert: alertSchema,
      file: join(FOLDER, 'flowkeep.yaml'),
      env: Object.fromEntries(env.map((variable) => [variable.name, variable.value])),
      cwd: process.cwd(),
      readFile: (path) => {
        if (!path.startsWith('/run/')) return readFileSync(path, 'utf8');
        if (folders.includes(dirname(path))) return 'secret';
        throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      },
    });
    expect(config.http.host).toBe('0.0.0.0');
    expect(config.http.token !== undefined).toBe(secrets.includes('flowkeep-http'));
  });
});

describe('the network policies of Kubernetes', () => {
  const [pods, http] = readManifests(join(FOLDER, 'networkpolicy.yaml')).map(({ spec }) => spec as PolicySpec);
  const daemon = found(readManifests(join(FOLDER, 'deployment.yaml')), 'containers')[0];
  const podLabels = manifests.flatMap((each) => found(each, 'template')).map(({ template }) => labelsOf(template));
  const ports = (rules: readonly Rule[]) => rules.flatMap((rule) => rule.ports.map(({ port }) => port));

  it('the network policies of Kubernetes hold for every pod, and let nobody in but to the daemon', () => {
    expect(podLabels.length).toBeGreaterThanOrEqual(4);
    for (const labels of podLabels) expect(labels).toMatchObject(pods!.podSelector.matchLabels);
    expect(pods).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [] });
  });

  it("the network policies of Kubernetes let the namespace and Prometheus reach the daemon's port alone", () => {
    const chosen = podLabels.filter((labels) =>
      Object.entries(http!.podSelector.matchLabels).every(([name, value]) => labels[name] === value),
    );
    expect(chosen).toHaveLength(1);
    expect(ports(http!.ingress)).toEqual(['http']);
    expect(found(daemon, 'containerPort').map(({ name }) => name)).toEqual(['http']);
    // Both selectors of one entry: the namespace and the pod. Two entries would let the whole namespace in.
    expect(http!.ingress[0]!.from).toEqual([
      { podSelector: {} },
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
      },
    ]);
  });

  it('the network policies of Kubernetes let pods reach names, n8n, HTTPS and ssh, and no address of the cluster', () => {
    expect(ports(pods!.egress)).toEqual([53, 53, 5678, 443, 22]);
    for (const rule of pods!.egress) expect(rule.to?.length).toBeGreaterThan(0);
    const blocks = pods!.egress.flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock ?? []));
    const refused = new BlockList();
    for (const network of blocks.flatMap(({ except }) => except)) {
      const [address = '', prefix] = network.split('/');
      refused.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    }
    for (const address of ['10.96.0.1', '172.20.0.9', '192.168.1.1', '100.64.3.2', '169.254.169.254'])
      expect(refused.check(address)).toBe(true);
    for (const address of ['fd00:ec2::254', 'fe80::1']) expect(refused.check(address, 'ipv6')).toBe(true);
    expect(refused.check('140.82.121.4')).toBe(false);
  });
});

interface Rule {
  readonly from?: readonly unknown[];
  readonly to?: readonly { readonly ipBlock?: { readonly except: readonly string[] } }[];
  readonly ports: readonly { readonly port: string | number }[];
}

interface PolicySpec {
  readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly ingress: readonly Rule[];
  readonly egress: readonly Rule[];
}

function labelsOf(template: unknown): Record<string, string> {
  return (template as { metadata: { labels: Record<string, string> } }).metadata.labels;
}

interface Pod {
  readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
}

describe('the Dockerfile', () => {
  const text = readFileSync('Dockerfile', 'utf8');

  it('the Dockerfile has no mistake that a linter finds', () => {
    expect(validateDockerfile(text).map(({ message }) => message)).toEqual([]);
  });

  it('the Dockerfile runs the daemon without root', () => {
    expect(text).toMatch(/^USER 1000:1000$/m);
    expect(text).toMatch(/^ENTRYPOINT \["tini", "-s", "--", "flowkeep"\]$/m);
    expect(text).toMatch(/^CMD \["daemon"\]$/m);
  });
});
