import { resolve } from 'node:path';
import { UsageError } from '../../../lib/errors.ts';

export interface RemoteUrl {
  /** What git gets: without user information where it is http, so that no secret is in argv or a file. */
  readonly url: string;
  /** For messages. */
  readonly display: string;
  /** The user that an http URL names. */
  readonly username: string | null;
}

/**
 * Reads a remote's address. Only plain transports are taken: `ext::` runs commands, and what begins with a dash would
 * be an option.
 * @throws UsageError
 */
export function parseRemoteUrl(text: string): RemoteUrl {
  if (text.startsWith('-') || /^[\w+.-]*::/.test(text) || /[\s\u0000-\u001f\u007f]/.test(text)) throw refused(text);
  if (OPTION_INSIDE.test(text)) throw refused(text);
  if (/^(https?|ssh|git|file):\/\//i.test(text)) return parseUrl(text);
  if (/^(\/|\.\.?\/)/.test(text)) return plain(resolve(text));
  // `user@host:path`, as ssh takes it; a lone `C:` or `name:` without a path is a mistake.
  if (/^([\w.-]+@)?[\w[][\w.:[\]-]*:[^:]/.test(text) && !text.includes('://')) return plain(text);
  throw refused(text);
}

/** A user, host or path that ssh could take for an option: `ssh://-oProxyCommand=...`, `host:-path`. */
const OPTION_INSIDE = /^ssh:\/\/(?:-|[^/]*@-|[^/]*\/-)|^[^/:]*:-|@-/i;

function parseUrl(text: string): RemoteUrl {
  if (!URL.canParse(text)) throw refused('');
  const url = new URL(text);
  if (url.password !== '') {
    throw new UsageError(
      `the git remote at ${url.host} has a password in its URL`,
      'Take it out of the URL and name the token in `auth` (an environment variable or a file).',
    );
  }
  if (!url.protocol.startsWith('http')) return plain(text);
  const username = url.username === '' ? null : decodeURIComponent(url.username);
  url.username = '';
  return { url: url.href, display: `${url.origin}${url.pathname}`, username };
}

function plain(url: string): RemoteUrl {
  return { url, display: url, username: null };
}

function refused(text: string): UsageError {
  const shown = text.includes('@') || text === '' ? 'the git remote' : `the git remote ${JSON.stringify(text)}`;
  return new UsageError(
    `${shown} is not a supported address`,
    'Use an https, http, ssh, git or file URL, user@host:path, or the path of a folder.',
  );
}
