import type { ValidationIssue } from './problems/validation-issue.ts';

/** What is wrong with the URL of a server. The URL itself is never repeated: it might hold a password. */
export function serverUrlIssue(value: string, allowed: { readonly query?: boolean } = {}): ValidationIssue | null {
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

/** The problem of a URL with a user name or password in it. */
export function userinfo(remedy: string): ValidationIssue {
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

/** FLOWKEEP_STORE with a user name, password or key in it: URLs end up in logs and process lists. */
export function credentialsInUrl(variables: string): ValidationIssue {
  return { message: 'holds a user name, password or key', remedy: `remove it and set ${variables}` };
}
