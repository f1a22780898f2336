import { createInterface } from 'node:readline/promises';
import { FlowkeepError, UsageError } from '../../lib/errors.ts';
import { writesAnything } from '../../restore/plan/plan.ts';
import type { Plan } from '../../restore/plan/types.ts';
import type { Invocation } from '../invocation.ts';
import type { RestoreFlags } from '../restore-flags.ts';

/**
 * Asks whether to apply the plan, which was shown. A plan without writes needs no answer.
 * @param isNamed whether the target was named: with `--to`, or in a plan file
 * @throws UsageError where there is nobody to ask and `--yes` is not given; FlowkeepError `other-server` where `--yes`
 * is given for another server than the snapshot's, which is not named
 */
export async function confirmPlan(
  invocation: Invocation<RestoreFlags>,
  plan: Plan,
  isNamed: boolean,
): Promise<boolean> {
  const { flags } = invocation;
  if (!writesAnything(plan)) return true;
  if (flags.yes && plan.otherServer !== undefined && !isNamed) throw otherServer(plan);
  if (flags.yes) return true;
  if (!canAsk(invocation)) {
    throw new UsageError(
      'nothing was restored: no terminal to confirm the plan',
      'Review the plan with --dry-run, then apply it with --yes.',
    );
  }
  const what = plan.otherServer === undefined ? '' : ' to a server that is not the one of the snapshot';
  return ask(invocation, `Apply this plan${what}?`);
}

/** Whether somebody sits there who can answer. */
export function canAsk({ io, flags }: Invocation<RestoreFlags>): boolean {
  return io.stdin().isTTY === true && !flags.json;
}

/** One question to the person at the terminal. @returns whether the answer is yes */
export async function ask({ io }: Invocation, question: string): Promise<boolean> {
  const terminal = createInterface({ input: io.stdin() });
  try {
    io.stderr.write(`${question} [y/N] `);
    const answer = await terminal.question('', { signal: io.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function otherServer({ snapshot, target }: Plan): FlowkeepError {
  return new FlowkeepError(
    'other-server',
    `nothing was restored: ${target.url} is not the server that snapshot ${snapshot.id} of ${snapshot.instance} is of, ` +
      'and it is not empty',
    {
      remedy:
        `Look at the plan with --dry-run. If this is the server that you mean, name it: --to ${target.instance} --yes. ` +
        'If it is another n8n, give it a name of its own in the config.',
    },
  );
}
