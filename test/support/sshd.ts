import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A private sshd for git on 127.0.0.1, with keys and settings of its own. Needs root. */
export interface SshServer extends AsyncDisposable {
  readonly knownHostsFile: string;
  /** May push. */
  readonly keyFile: string;
  /** May only fetch. */
  readonly readOnlyKeyFile: string;
  /** A key that the server does not know. */
  readonly strangerKeyFile: string;
  /** Makes an empty repository and gives its URL. */
  createRepository(name: string): string;
}

/** Starts the server in an empty folder; installs Debian's openssh-server first where it is missing. */
export async function startSshServer(folder: string): Promise<SshServer> {
  installSshd();
  mkdirSync(join(folder, 'repos'), { recursive: true });
  mkdirSync('/run/sshd', { recursive: true });
  const at = (name: string): string => join(folder, name);
  for (const name of ['host', 'writer', 'reader', 'stranger'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)]);
  const port = await freePort();
  writeFileSync(at('command'), forcedCommand(at('repos')));
  chmodSync(at('command'), 0o755);
  const publicKey = (name: string): string => readFileSync(at(`${name}.pub`), 'utf8').trim();
  const grant = (name: string, readOnly: number): string =>
    `restrict,command="READ_ONLY=${readOnly} ${at('command')}" ${publicKey(name)}\n`;
  writeFileSync(at('authorized_keys'), grant('writer', 0) + grant('reader', 1));
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${publicKey('host')}\n`);
  writeFileSync(at('sshd_config'), settings(folder, port));

  const daemon = spawn('/usr/sbin/sshd', ['-D', '-f', at('sshd_config'), '-E', at('sshd.log')], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  await untilListening(at('sshd.log'));
  return {
    knownHostsFile: at('known_hosts'),
    keyFile: at('writer'),
    readOnlyKeyFile: at('reader'),
    strangerKeyFile: at('stranger'),
    createRepository(name) {
      execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(folder, 'repos', name)]);
      return `ssh://root@127.0.0.1:${port}/${name}`;
    },
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await ended;
    },
  };
}

function installSshd(): void {
  if (existsSync('/usr/sbin/sshd')) return;
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'openssh-server'], options);
}

/** What every key may run: git's two services, below one folder, and nothing else. */
function forcedCommand(repositories: string): string {
  return `#!/bin/bash
set -f
cd "${repositories}"
set -- $SSH_ORIGINAL_COMMAND
path=\${2//\\'/}
path=\${path#/}
case $path in *..*) exit 128 ;; esac
case "\${1:-}" in
  git-upload-pack) exec git-upload-pack "$path" ;;
  git-receive-pack)
    [ "$READ_ONLY" = 1 ] && { echo 'fatal: this key is read-only' >&2; exit 128; }
    exec git-receive-pack "$path" ;;
  *) echo 'no shell' >&2; exit 128 ;;
esac
`;
}

function settings(folder: string, port: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin forced-commands-only
PasswordAuthentication no
KbdInteractiveAuthentication no
AcceptEnv GIT_PROTOCOL
MaxStartups 100
LogLevel VERBOSE
`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function untilListening(log: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (existsSync(log) && readFileSync(log, 'utf8').includes('Server listening')) return;
    await delay(25);
  }
  throw new Error(`sshd did not start: ${existsSync(log) ? readFileSync(log, 'utf8') : 'no log'}`);
}
