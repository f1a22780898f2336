import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flowkeep } from '../test/support/flowkeep.ts';
import { startStandIn } from '../test/support/stand-in/start.ts';
import { WORKFLOWS } from './demo/data.ts';
import { apiOf, contentOf, fill } from './demo/fill.ts';

/**
 * `npm run demo`: flowkeep's main job in a few seconds, on a stand-in n8n and the embedded default store. Nothing
 * leaves this machine; the backup stays in a temporary folder to look at.
 */
const folder = mkdtempSync(join(tmpdir(), 'flowkeep-demo-'));
await using n8n = await startStandIn({ licensed: true, seed: 'demo', now: Date.now });
const api = apiOf(n8n);
const env = { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_INSTANCE: 'demo' };

say('A small n8n, with six workflows, a data table of 2,400 rows, credentials, tags, variables and folders.');
const ids = await fill(api);
await run('backup');

say('Somebody works on it: a node of "Invoice sync" changes, "Churn alert" is new, "Old customer import" is deleted.');
const [invoiceSync] = WORKFLOWS;
const [schedule, fetchInvoices, dueDate] = invoiceSync!.nodes;
const edited = { ...dueDate!, parameters: { jsCode: '// thirty days from now on\nreturn $input.all();' } };
await api(
  'PUT',
  `/workflows/${ids.get('Invoice sync')}`,
  contentOf('Invoice sync', [schedule!, fetchInvoices!, edited]),
);
await api('POST', '/workflows', contentOf('Churn alert', [schedule!, fetchInvoices!]));
await api('DELETE', `/workflows/${ids.get('Old customer import')}`);
await run('backup');

say('Nothing changes: nothing is saved.');
await run('backup');

say('The backup is a git repository like any other.');
shell('git', ['log', '--stat=100', '--format=%C(auto)%h %s', '-1']);

say('And the deleted workflow is needed after all. It comes back under its old id.');
await run('restore', 'latest~1', '--only', 'workflow:Old customer import', '--yes');
await run('snapshots');

say('What to do next');
process.stdout.write(`  Look around:            git -C ${folder}/n8n-backup log -p
  Back up your own n8n:   export N8N_URL=https://n8n.example.com N8N_API_KEY=...
                          npx flowkeep check && npx flowkeep backup
  Read on:                README.md, docs/restore.md, docs/configuration.md\n`);

function say(text: string): void {
  process.stdout.write(`\n\u001b[1m${text}\u001b[0m\n\n`);
}

async function run(...args: string[]): Promise<void> {
  process.stdout.write(`$ flowkeep ${args.map((arg) => (/\s/.test(arg) ? `"${arg}"` : arg)).join(' ')}\n`);
  const { code, stdout, stderr } = await flowkeep([...args, '--log-level', 'warn'], { cwd: folder, env });
  process.stdout.write(stdout.replace(/^(?=.)/gm, '  '));
  if (code === 0) return;
  process.stderr.write(stderr);
  throw new Error(`flowkeep ${args[0]} ended with exit code ${code}`);
}

function shell(command: string, args: readonly string[]): void {
  const cwd = join(folder, 'n8n-backup');
  process.stdout.write(`$ git -C n8n-backup ${args[0]} --stat -1\n`);
  process.stdout.write(execFileSync(command, [...args], { cwd, encoding: 'utf8' }).replace(/^(?=.)/gm, '  '));
}
