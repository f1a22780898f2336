// The plan of a restore: from the snapshot and the live state to ordered actions. Pure: nothing here asks
// n8n, waits or writes.

import { compareRows, type RowFacts } from './compare/compare-rows.ts';
import { makeContext, type PlanInput } from './context.ts';
import { makePlan } from './plan.ts';
import type { Plan } from './types.ts';

/**
 * Makes a plan, reading rows as far as it needs them: of tables that are restored.
 * @throws UsageError where `--only` names nothing, or several things; FlowkeepError `snapshot-format`; InterruptedError
 */
export async function planRestore(input: PlanInput): Promise<Plan> {
  const rows = new Map<string, RowFacts>();
  const context = makeContext(input, rows);
  const { scope, identities } = context;
  for (const { kind, id } of scope.values()) {
    if (kind !== 'data-tables') continue;
    const targetId = identities.match(kind, id)?.targetId ?? null;
    const target = targetId === null ? null : (input.live['data-tables'].get(targetId) ?? null);
    rows.set(id, await compareRows(input.source['data-tables'].get(id)!, target));
  }
  return makePlan(context);
}
