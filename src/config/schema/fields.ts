import { resolve } from 'node:path';
import * as z from 'zod';
import { complain, text } from '../problems/validation-issue.ts';
import { cronIssue } from '../cron.ts';
import { parseDuration } from '../duration.ts';
import type { ResolveContext } from '../secrets.ts';
import { serverUrlIssue } from '../urls.ts';

export const serverUrl = text(serverUrlIssue);
export const cron = text(cronIssue);

/** A name as the `Host` header has it, without a port. */
export const hostName = text((value) => {
  if (/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(value)) return null;
  return { message: 'is not the name of a host', remedy: 'write the name alone, such as flowkeep.example.com' };
});

export const timezone = text((value) => {
  if (isTimeZone(value)) return null;
  return { message: 'is not a time zone', remedy: 'use an IANA name, such as Europe/Berlin or UTC' };
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

const NAMED_JITTERS = new Map<string, 'auto' | 0>([
  ['auto', 'auto'],
  ['off', 0],
  ['0', 0],
  ['0s', 0],
]);

/** `auto`, or the longest delay in milliseconds. */
export const jitter = z
  .string()
  .superRefine((value, context) => {
    if (NAMED_JITTERS.has(value) || parseDuration(value) !== null) return;
    const remedy = 'write auto, off, or a whole number and a unit, such as 30s or 5m';
    complain(context, { message: 'is not a delay', remedy });
  })
  .transform((value): 'auto' | number => NAMED_JITTERS.get(value) ?? parseDuration(value) ?? 0);

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
