import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../lib/errors.ts';
import { writesAnything } from '../../restore/plan/plan.ts';
import type { Plan } from '../../restore/plan/types.ts';
import type { Invocation } from '../invocation.ts';
import type { RestoreFlags } from '../restore-flags.ts';

/**
 * Asks whether to apply the plan, which was shown. A plan without writes needs no answer.
 * @throws UsageError where there is nobody to ask and `--yes` is not given
 */
export async function confirmPlan({ io, flags }: Invocation<RestoreFlags>, plan: Plan): Promise<boolean> {
  if (flags.yes || !writesAnything(plan)) return true;
  const stdin = io.stdin();
  if (stdin.isTTY !== true || flags.json) {
    throw new UsageError(
      'nothing was restored: no terminal to confirm the plan',
      'Review the plan with --dry-run, then apply it with --yes.',
    );
  }
  const terminal = createInterface({ input: stdin });
  try {
    io.stderr.write('Apply this plan? [y/N] ');
    const answer = await terminal.question('', { signal: io.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
