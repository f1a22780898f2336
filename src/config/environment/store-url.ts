import { resolve } from 'node:path';
import type { ValidationIssue } from '../problems/validation-issue.ts';
import { ENV_SETTINGS, type EnvSetting } from './env-settings.ts';
import { textToValue } from './env-values.ts';
import { remedyFor } from '../problems/suggest.ts';

export type StoreDocument = Record<string, unknown> & { type: 'git' | 's3' };

const FORMS = 'write git:./folder, git+https://…, git+ssh://…, git+file://… or s3://bucket/prefix?region=…';
const GIT_URL = /^git\+(?=(?:https?|ssh|file):\/\/)/;

/**
 * The store that FLOWKEEP_STORE names, as a section of the document, or what is wrong with the text. The text itself
 * is never repeated: it might hold a password.
 */
export function parseStoreUrl(text: string, cwd: string): StoreDocument | ValidationIssue {
  if (GIT_URL.test(text)) return parseGitUrl(text.replace(GIT_URL, ''));
  if (/^git:(?!\/\/)[^-]/.test(text) && !text.includes('://'))
    return { type: 'git', path: resolve(cwd, text.slice(4)) };
  if (text.startsWith('s3://')) return parseS3Url(text);
  return { message: 'does not name a store', remedy: FORMS };
}

function parseGitUrl(remote: string): StoreDocument | ValidationIssue {
  const url = URL.parse(remote);
  if (!url) return { message: 'does not name a store', remedy: FORMS };
  if (url.password !== '' || (url.username !== '' && url.protocol !== 'ssh:')) {
    return userinfo('FLOWKEEP_GIT_USERNAME and FLOWKEEP_GIT_TOKEN');
  }
  return { type: 'git', remote };
}

function parseS3Url(text: string): StoreDocument | ValidationIssue {
  const url = URL.parse(text);
  if (!url || url.hostname === '') return { message: 'has no bucket', remedy: FORMS };
  const credentials = 'FLOWKEEP_S3_ACCESS_KEY_ID and FLOWKEEP_S3_SECRET_ACCESS_KEY';
  if (url.username !== '' || url.password !== '') return userinfo(credentials);
  const prefix = decoded(url.pathname);
  if (prefix === null)
    return { message: 'has an invalid percent escape (%) in its prefix', remedy: 'write % as %25' };
  const store: StoreDocument = { type: 's3', bucket: url.hostname, prefix };
  for (const [name, value] of url.searchParams) {
    if (/key|secret|token|password/i.test(name) && name !== 'kmsKeyId') return userinfo(credentials);
    const option = URL_OPTIONS.get(name);
    if (!option) return unknownOption(name);
    store[name] = textToValue(value, option.type, '');
  }
  return store;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Options of one word: nested ones and secrets have their variables only. */
const URL_OPTIONS = new Map<string, EnvSetting>(
  ENV_SETTINGS.s3
    .filter(({ path, type }) => path.length === 1 && type !== 'secret')
    .map((setting) => [setting.path.join('.'), setting] as const)
    .filter(([name]) => name !== 'bucket' && name !== 'prefix'),
);

function unknownOption(name: string): ValidationIssue {
  const shown = /^[A-Za-z-_]{1,20}$/.test(name) ? ` ${name}` : '';
  return { message: `has an unknown option${shown}`, remedy: remedyFor(name, [...URL_OPTIONS.keys()]) };
}

function userinfo(variables: string): ValidationIssue {
  return { message: 'holds a user name, password or key', remedy: `remove it and set ${variables}` };
}
