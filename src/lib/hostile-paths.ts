import { FlowkeepError } from './errors.ts';
import { EXIT } from './exit-codes.ts';

/** What is wrong with a path of a snapshot. */
export interface HostilePath {
  readonly path: string;
  /** Goes on after "which": "is an absolute path". */
  readonly reason: string;
}

/**
 * Refuses a snapshot whose paths would leave the folder that they are written to, mean something else on some system,
 * or stand for two files on one. flowkeep never writes such a path, but anyone who can write to the store can.
 * @throws FlowkeepError `hostile-path`, exit code 5, that names the entry
 */
export function refuseHostilePaths(paths: Iterable<string>, snapshot: string): void {
  const found = findHostilePath(paths);
  if (found === null) return;
  throw new FlowkeepError(
    'hostile-path',
    `snapshot ${snapshot} has an entry ${shown(found.path)}, which ${found.reason}: it is not used`,
    {
      exitCode: EXIT.integrity,
      remedy:
        'flowkeep does not write such names: find out who else can write to the store. Use another ' +
        'snapshot, and take a new one.',
    },
  );
}

/** The first path that flowkeep cannot have written; null if there is none. */
export function findHostilePath(paths: Iterable<string>): HostilePath | null {
  const seen = new Map<string, string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const reason = hostility(path);
    if (reason !== null) return { path, reason };
    const folded = fold(path);
    const twin = seen.get(folded);
    if (twin !== undefined)
      return { path, reason: `is the same file as ${shown(twin)} on a disk that ignores case or accents` };
    seen.set(folded, path);
    addFolders(folded, folders);
  }
  for (const [folded, path] of seen) if (folders.has(folded)) return { path, reason: 'is a file and a folder at once' };
  return null;
}

/** What common file systems take as the name of one file, in bytes. */
const MAX_SEGMENT = 255;

function hostility(path: string): string | null {
  if (path.startsWith('/')) return 'is an absolute path';
  if (path.includes('\\')) return 'has a backslash, which is a separator on Windows';
  if (path.includes('\ufffd')) return 'is not valid UTF-8';
  // What `\p{Cf}` holds can hide characters, or turn the direction of those that follow.
  if (/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(path)) return 'has a control character';
  if (path.includes(':')) return 'has a colon, which names a drive or a stream on Windows';
  for (const segment of path.split('/')) {
    if (['', '.', '..'].includes(segment)) return 'leads out of its folder';
    if (fold(segment) === '.git') return "would be taken for git's own folder";
    if (Buffer.byteLength(segment) > MAX_SEGMENT) return `has a name of more than ${MAX_SEGMENT} bytes`;
  }
  return null;
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}

function addFolders(path: string, folders: Set<string>): void {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) folders.add(path.slice(0, end));
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
