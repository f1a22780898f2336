import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startCron } from '../../../src/daemon/cron.ts';
import type { Jitter } from '../../../src/daemon/jitter.ts';
import { describePreview, previewSchedules } from '../../../src/daemon/schedule-preview.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { flowkeep } from '../../support/flowkeep.ts';
import { startStandIn } from '../../support/stand-in/start.ts';
import { load, yamlWith, KEY } from '../config/support.ts';

const ZONE = 'Europe/Berlin';
const BOTH = '0 3 1,15 * 1';

function previewOf(backup: string, jitter: Jitter = 0) {
  const yaml = yamlWith(`schedules: { backup: "${backup}" }\ntimezone: ${ZONE}`);
  return previewSchedules(load({ yaml, env: KEY }).instances[0]!, jitter);
}

describe('the preview of a schedule', () => {
  it('the preview of a schedule has the next three runs, by the clock of its zone', () => {
    const [preview] = previewOf('30 4 * * 0');
    const hours = new Intl.DateTimeFormat('en-GB', {
      timeZone: ZONE,
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
    });
    expect(preview?.next).toHaveLength(3);
    for (const time of preview!.next) expect(hours.format(new Date(time))).toBe('Sunday 04:30');
    const gaps = preview!.next.map((time) => Date.parse(time));
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps[0]).toBeGreaterThan(Date.now());
    expect(describePreview(preview!)).toEqual([
      expect.stringMatching(
        /^backup "30 4 \* \* 0" \(Europe\/Berlin\) runs next: (Sun \d{4}-\d\d-\d\d 04:30(, |$)){3}/,
      ),
    ]);
  });

  it.each([BOTH, '0 0 3 1,15 * 1', '0 3 1 * mon-fri', '0 3 L * 5'])(
    'the preview of a schedule warns of days of the month and of the week: %s',
    (expression) => {
      expect(previewOf(expression)[0]?.warning).toContain('cron and Kubernetes on days that are either');
    },
  );

  it.each(['*/15 * * * *', '0 3 1,15 * *', '0 3 * * 1', '0 3 */2 * 1', '0 0 3 * * 1'])(
    'the preview of a schedule does not warn of %s, which cron and Kubernetes read alike',
    (expression) => {
      expect(previewOf(expression)[0]).not.toHaveProperty('warning');
    },
  );

  it('the preview of a schedule that names both days has runs on days that are both', () => {
    for (const time of previewOf(BOTH)[0]!.next) {
      const day = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, weekday: 'short', day: 'numeric' });
      expect(day.format(new Date(time))).toMatch(/^Mon,? (1|15)$/);
    }
  });
});

describe('the preview of a schedule where the clocks change', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['*/15 * * * *', '2026-10-25T00:14:00Z', ['2026-10-25T00:15', '2026-10-25T00:30', '2026-10-25T00:45']],
    ['30 2 * * *', '2026-10-24T23:50:00Z', ['2026-10-25T01:30', '2026-10-26T01:30', '2026-10-27T01:30']],
    ['30 2 * * *', '2026-03-28T23:50:00Z', ['2026-03-29T01:30', '2026-03-30T00:30', '2026-03-31T00:30']],
    ['0 30 2 * * *', '2026-03-28T23:50:30Z', ['2026-03-29T01:30', '2026-03-30T00:30', '2026-03-31T00:30']],
    ['0 2,3 * * *', '2026-03-28T23:50:00Z', ['2026-03-29T01:00', '2026-03-30T00:00', '2026-03-30T01:00']],
    ['*/15 * * * *', '2026-03-29T00:50:00Z', ['2026-03-29T01:00', '2026-03-29T01:15', '2026-03-29T01:30']],
  ])('"%s" after %s is when the daemon runs, with jitter and without', async (expression, now, times) => {
    vi.setSystemTime(now);
    expect(previewOf(expression)[0]!.next).toEqual(times.map((time) => `${time}:00.000Z`));
    const { next: previewed, delaySeconds } = previewOf(expression, 'auto')[0]!;
    const late = times.map((time) => Date.parse(`${time}:00Z`) + delaySeconds * 1000);
    expect(delaySeconds).toBeGreaterThan(0);
    expect(previewed).toEqual(late.map((time) => new Date(time).toISOString()));
    const ran: string[] = [];
    const run = async (): Promise<void> => void ran.push(new Date().toISOString());
    const instance = load({ yaml: yamlWith('timezone: UTC'), env: KEY }).instances[0]!;
    const names = { name: 'prod backup', instance, expression, timezone: ZONE };
    const options = { ...names, jitter: 'auto' as const, logger: silentLogger, run };
    const schedule = startCron(options);
    await vi.advanceTimersByTimeAsync(2 * 3_600_000);
    schedule.stop();
    expect(ran.slice(0, 3)).toEqual(previewed.filter((time) => Date.parse(time) <= Date.now()));
  });

  it('a day of the year that daylight saving cuts is found, however long before', () => {
    vi.setSystemTime('2025-12-01T00:00:00Z');
    const days = ['2026-03-29T01:00:00.000Z', '2027-03-29T00:00:00.000Z', '2028-03-29T00:00:00.000Z'];
    expect(previewOf('0 2 29 3 *')[0]!.next).toEqual(days);
  });
});

describe('flowkeep', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowkeep-preview-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('flowkeep check and config print show the next runs, and warn', async () => {
    await using n8n = await startStandIn();
    const env = { N8N_URL: n8n.url, N8N_API_KEY: n8n.apiKey, FLOWKEEP_SCHEDULE: BOTH };
    for (const command of [['check'], ['config', 'print']]) {
      const { code, stdout } = await flowkeep(command, { cwd: folder, env });
      expect(code).toBe(0);
      expect(stdout).toContain(`backup "${BOTH}" (UTC) runs next: Mon `);
      expect(stdout).toContain(`backup "${BOTH}" names days of the month and days of the week`);
    }
    const { stdout } = await flowkeep(['check', '--json'], { cwd: folder, env });
    const { instances } = JSON.parse(stdout) as { instances: { schedules: unknown[] }[] };
    const warning = expect.stringContaining('either') as string;
    const next = [1, 2, 3].map(() => expect.stringMatching(/T03:0[0-4]:\d\d.000Z$/) as string);
    const delaySeconds = expect.any(Number) as number;
    const schedule = { job: 'backup', expression: BOTH, timezone: 'UTC', delaySeconds, next, warning };
    expect(instances[0]?.schedules).toEqual([schedule]);
  });
});
