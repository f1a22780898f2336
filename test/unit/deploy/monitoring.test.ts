import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Metrics } from '../../../src/daemon/metrics.ts';
import { DaemonState } from '../../../src/daemon/state.ts';
import { systemClock } from '../../../src/lib/time.ts';

const metrics = new Metrics(new DaemonState(systemClock), '1', () => []);
const names = metrics.registry
  .getMetricsAsArray()
  .map(({ name }) => name)
  .filter((name) => name.startsWith('flowkeep_'));

describe('what monitoring is told of metrics', () => {
  it('the alert rules ask for metrics that exist', () => {
    const { groups } = parse(readFileSync('config/prometheus-alerts.yaml', 'utf8')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(5);
    for (const { alert, expr, annotations } of rules) {
      expect(alert).toMatch(/^Flowkeep[A-Z]\w+$/);
      expect(annotations.summary).not.toBe('');
      for (const used of expr.match(/flowkeep_\w+/g) ?? []) expect(names).toContain(used);
    }
  });

  it('docs/operations.md names every metric, and no other', () => {
    const page = readFileSync('docs/operations.md', 'utf8');
    const named = new Set(page.match(/\bflowkeep_\w+/g));
    expect([...named].sort()).toEqual([...names].sort());
  });
});
