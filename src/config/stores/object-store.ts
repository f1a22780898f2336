import * as z from 'zod';
import { formatDuration } from '../duration.ts';
import { setting } from '../environment/env-values.ts';
import { complain, rule } from '../problems/validation-issue.ts';
import { duration } from '../schema/fields.ts';
import { trimOf } from '../../lib/trim.ts';

/** The folder within a bucket. Slashes at either end are dropped: they would make empty folders. */
export const prefixField = z
  .string()
  .superRefine((value, context) => {
    if (/(^|\/)\.{1,2}(\/|$)|[\u0000-\u001f\u007f\\]/.test(value) || /[^/]\/\/+[^/]/.test(value)) {
      complain(context, { message: 'is not a usable key prefix', remedy: 'for example: backups/n8n' });
    }
  })
  .transform((value) => trimOf(value, '/'))
  .default('')
  .describe('Folder within the bucket, so that it can be shared.');

const count = z.int().min(0).max(100_000).default(0);

/**
 * How many snapshots of each period are kept. At least one rule keeps some; `keepWithinMs` is 0 without such a rule.
 */
export const retentionField = z
  .strictObject({
    keepLast: count.describe('Keep the last N snapshots.'),
    keepHourly: count.describe('Keep the newest snapshot of each of the last N hours that have one.'),
    keepDaily: count.describe('The same for days.'),
    keepWeekly: count.describe('The same for weeks.'),
    keepMonthly: count.describe('The same for months.'),
    keepYearly: count.describe('The same for years.'),
    keepWithin: duration
      .exactOptional()
      .describe('Keep all snapshots that are less than this older than the newest: 30m, 12h, 7d, 2w or 1y.'),
  })
  .check(
    rule('keepLast', (retention) => Object.values(retention).some((value) => value !== 0 && value != null), {
      message: 'is 0, and so is every other rule: prune would remove all but the newest snapshot',
      remedy: 'set at least one of the keep rules, or retention to null to keep everything',
    }),
  )
  .transform(({ keepWithin = 0, ...counts }) => ({ ...counts, keepWithinMs: keepWithin }))
  .nullable()
  .default(null)
  .describe('Retention policy; null: snapshots are never removed.');

export const retentionVariables = [
  setting('FLOWKEEP_RETENTION_KEEP_LAST', 'retention.keepLast', 'number'),
  setting('FLOWKEEP_RETENTION_KEEP_HOURLY', 'retention.keepHourly', 'number'),
  setting('FLOWKEEP_RETENTION_KEEP_DAILY', 'retention.keepDaily', 'number'),
  setting('FLOWKEEP_RETENTION_KEEP_WEEKLY', 'retention.keepWeekly', 'number'),
  setting('FLOWKEEP_RETENTION_KEEP_MONTHLY', 'retention.keepMonthly', 'number'),
  setting('FLOWKEEP_RETENTION_KEEP_YEARLY', 'retention.keepYearly', 'number'),
  setting('FLOWKEEP_RETENTION_KEEP_WITHIN', 'retention.keepWithin'),
];

/** As a config file has it. */
export function printRetention(retention: z.output<typeof retentionField>): object | null {
  if (retention === null) return null;
  const { keepWithinMs, ...counts } = retention;
  return keepWithinMs === 0 ? counts : { ...counts, keepWithin: formatDuration(keepWithinMs) };
}
