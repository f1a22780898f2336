import type { ValidationIssue } from './problems/validation-issue.ts';

/** Git transports that take no command of their own; `ext::` and the like are left out on purpose. */
const REMOTE_PROTOCOLS = ['https:', 'http:', 'ssh:', 'file:'];
const SCP_LIKE = /^(?:[\w.-]+@)?[\w][\w.-]*:(?!\/\/|:)[^\s]+$/;

/** What is wrong with the URL of a server. The URL itself is never repeated: it might hold a password. */
export function serverUrlIssue(
  value: string,
  allowed: { readonly query?: boolean } = {},
): ValidationIssue | null {
  const url = URL.parse(value);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return {
      message: 'is not an http or https URL',
      remedy: 'write the full URL, for example https://n8n.example.com',
    };
  }
  if (url.username !== '' || url.password !== '') return userinfo('give credentials by their own settings');
  if ((url.search === '' || allowed.query) && url.hash === '') return null;
  return { message: 'has a query or a fragment', remedy: 'end the URL before ? and #' };
}

/** What is wrong with the remote of a git store. */
export function remoteIssue(value: string): ValidationIssue | null {
  const remedy = 'write https://host/repo.git, ssh://git@host/repo.git, git@host:repo.git or file:///folder';
  const url = URL.parse(value);
  if (url && REMOTE_PROTOCOLS.includes(url.protocol)) return remoteUserinfoIssue(url);
  if (value.startsWith('-') || value.includes('://') || !SCP_LIKE.test(value) || !value.includes('@')) {
    return { message: 'is not the URL of a git remote', remedy };
  }
  return null;
}

/** Over ssh a user name is part of the address; a password never is. */
function remoteUserinfoIssue(url: URL): ValidationIssue | null {
  const named = url.username !== '' && url.protocol !== 'ssh:';
  if (url.username.startsWith('-'))
    return { message: 'has a user name that begins with a dash', remedy: 'remove it' };
  if (url.hostname.startsWith('-'))
    return { message: 'has a host that begins with a dash', remedy: 'correct it' };
  return named || url.password !== '' ? userinfo('use auth: { env: NAME, username: NAME }') : null;
}

function userinfo(remedy: string): ValidationIssue {
  return { message: 'holds a user name or password', remedy: `remove it from the URL and ${remedy}` };
}

/** A URL without password, and without user name except over ssh; text that is no URL is given back as it is. */
export function withoutUserinfo(value: string): string {
  const url = URL.parse(value);
  if (!url || (url.username === '' && url.password === '')) return value;
  url.password = '';
  if (url.protocol !== 'ssh:') url.username = '';
  return url.href;
}
