import { resolve } from 'node:path';
import * as z from 'zod';
import { complain, text } from '../problems/validation-issue.ts';
import { cronIssue } from '../cron.ts';
import { parseDuration } from '../duration.ts';
import type { ResolveContext } from '../secrets.ts';
import { remoteIssue, serverUrlIssue } from '../urls.ts';

export const serverUrl = text(serverUrlIssue);
export const gitRemote = text(remoteIssue);
export const cron = text(cronIssue);

export const timezone = text((value) => {
  if (isTimeZone(value)) return null;
  return { message: 'is not a time zone', remedy: 'use an IANA name, such as Europe/Berlin or UTC' };
});

/** A branch that git takes, and that cannot be mistaken for an option (git check-ref-format, and a little stricter). */
export const gitBranch = text((value) => {
  const allowed = /^[\w][\w./-]*$/.test(value) && !/\.\.|\/\/|\/\.|\.$|\/$|\.lock(\/|$)/.test(value);
  return allowed ? null : { message: 'is not the name of a git branch', remedy: 'for example: main' };
});

/** Letters, digits, dots and dashes, as S3 requires; underscores and capitals are of older buckets. */
export const bucketName = text((value) => {
  if (/^[A-Za-z0-9][\w.-]{0,254}$/.test(value)) return null;
  return {
    message: 'is not the name of a bucket',
    remedy: 'write the name alone; the path goes into prefix',
  };
});

/** Slashes at either end are dropped: they would make empty folders. */
export const keyPrefix = z
  .string()
  .superRefine((value, context) => {
    if (/(^|\/)\.{1,2}(\/|$)|[\u0000-\u001f\u007f\\]/.test(value) || /[^/]\/\/+[^/]/.test(value)) {
      complain(context, { message: 'is not a usable key prefix', remedy: 'for example: backups/n8n' });
    }
  })
  .transform((value) => value.replaceAll(/^\/+|\/+$/g, ''));

/** Classes that must be thawed before they are read would make a backup that cannot be verified or restored. */
export const storageClass = text((value) => {
  if (value === 'GLACIER' || value === 'DEEP_ARCHIVE') {
    return { message: 'cannot be read back immediately', remedy: 'use GLACIER_IR, STANDARD_IA or STANDARD' };
  }
  if (/^[A-Z0-9_]{1,64}$/.test(value)) return null;
  return { message: 'is not a storage class', remedy: 'for example: STANDARD_IA' };
});

/** A duration such as 7d, as milliseconds. */
export const duration = z
  .string()
  .superRefine((value, context) => {
    if (parseDuration(value) !== null) return;
    const remedy = 'write a whole number and a unit: 30s, 30m, 12h, 7d, 2w or 1y';
    complain(context, { message: 'is not a duration', remedy });
  })
  .transform((value) => parseDuration(value) ?? 0);

/** A path, absolute or relative to the config file's folder. */
export function filePath({ baseDir }: ResolveContext) {
  return z
    .string()
    .min(1)
    .transform((value) => resolve(baseDir, value));
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
