import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isGone, processPlace } from '../../../../src/jobs/lock/process-place.ts';

const MODULE = join(import.meta.dirname, '../../../../src/jobs/lock/process-place.ts');

/**
 * With /proc mounted anew, as another user: is a living process of root's gone, and one that never was?
 * $1: options of the mount, $2: node, $3: the module.
 */
const SCRIPT = `
mount -t proc -o "$1" proc /proc || exit 1
sleep 300 & holder=$!
setpriv --reuid 65534 --regid 65534 --clear-groups "$2" --input-type=module --eval "
  import { isGone, processPlace } from '$3';
  console.log(JSON.stringify([$holder, 4000000].map((pid) => isGone(pid, processPlace()))));"
kill $holder`;

function asAnotherUser(options: string): { status: number | null; stdout: string } {
  const args = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    SCRIPT,
    'sh',
    options,
    process.execPath,
    MODULE,
  ];
  return spawnSync('unshare', args, { encoding: 'utf8' });
}

/** Needs root, and a system that lets it mount. */
const canMount = process.getuid?.() === 0 && asAnotherUser('rw').status === 0;

describe('isGone', () => {
  it('isGone is true of a process of this place that has ended, and of no other', async () => {
    const child = spawn('sleep', ['300']);
    const pid = child.pid ?? 0;
    expect(isGone(pid, processPlace())).toBe(false);
    child.kill();
    await once(child, 'exit');
    expect(isGone(pid, processPlace())).toBe(true);
    expect(isGone(pid, 'another place')).toBe(false);
    expect(isGone(pid, null)).toBe(false);
  });

  it.runIf(canMount).each(['hidepid=1', 'hidepid=2', 'hidepid=noaccess', 'hidepid=invisible', 'hidepid=ptraceable'])(
    'isGone is true of nothing where /proc hides the processes of other users (%s)',
    (options) => {
      expect(asAnotherUser(options)).toMatchObject({ status: 0, stdout: '[false,false]\n' });
    },
  );

  it.runIf(canMount).each(['rw', 'hidepid=0', 'hidepid=off'])(
    "isGone tells another user's process from one that is not there where /proc shows all (%s)",
    (options) => {
      expect(asAnotherUser(options)).toMatchObject({ status: 0, stdout: '[false,true]\n' });
    },
  );
});
