import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type as system } from 'node:os';
import { N8N_VERSION } from '../../test/support/n8n/install.ts';

/** Where and with what was measured: name and value, as the report prints them. */
export function machineFacts(root: string): readonly (readonly [name: string, value: string])[] {
  const processors = cpus();
  return [
    ['Date', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Machine', `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores, ${memory()}`],
    ['System', `${system()} ${release()}; load when the run began: ${loadavg()[0]?.toFixed(1)}`],
    ['flowkeep', flowkeepVersion(root)],
    ['Node', process.versions.node],
    ['git', output('git', ['--version'], root).replace('git version ', '')],
    ['n8n', `${N8N_VERSION} on SQLite, one process, on the same machine`],
  ];
}

function memory(): string {
  return `${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
}

function flowkeepVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string };
  return `${version}, commit ${output('git', ['rev-parse', '--short', 'HEAD'], root)}`;
}

function output(file: string, args: readonly string[], cwd: string): string {
  return execFileSync(file, args, { cwd, encoding: 'utf8' }).trim();
}
