import { FlowkeepError } from '../../lib/errors.ts';
import { EXIT } from '../../lib/exit-codes.ts';

/**
 * Refuses a snapshot whose paths would leave the folder that it is written to, or mean something else on some system.
 * flowkeep writes no such path: whoever can write to the store could have. Looks at all of them before anything is
 * written.
 * @throws FlowkeepError `hostile-path`, exit code 5, that names the entry
 */
export function refuseHostilePaths(paths: Iterable<string>, snapshot: string): void {
  for (const path of paths) {
    const reason = hostility(path);
    if (reason === null) continue;
    throw new FlowkeepError(
      'hostile-path',
      `snapshot ${snapshot} has an entry ${JSON.stringify(path)}, which ${reason}: nothing was written`,
      {
        exitCode: EXIT.integrity,
        remedy:
          'flowkeep does not write such names: find out who else can write to the store, and take another snapshot.',
      },
    );
  }
}

function hostility(path: string): string | null {
  if (path.startsWith('/')) return 'is an absolute path';
  if (path.includes('\\')) return 'has a backslash, which is a separator on Windows';
  if (/[\u0000-\u001f]/.test(path)) return 'has a control character';
  if (path.includes(':')) return 'has a colon, which names a drive or a stream on Windows';
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'leads out of its folder';
  return null;
}
