import { idsIn, kindOfId, kindsRead, type State } from './same-server.ts';

/** How much of what a snapshot had is gone: workflows, credentials and data tables, each by its id. */
export interface Loss {
  readonly lost: number;
  readonly of: number;
}

/** A share of this much is nearly everything, of at least so many items; of workflows alone, all of so many. */
const NEARLY_ALL = 0.9;
const MIN_ITEMS = 5;
const MIN_WORKFLOWS = 3;

/**
 * What was lost, where that is nearly everything: far more likely a lost server than a clean-up. 90 % of at least five
 * items, or every workflow of at least three.
 * @returns null where less than that is gone
 */
export function nearTotalLoss(before: State, live: State): Loss | null {
  // What could not be read is not lost.
  const kinds = kindsRead(live.header);
  const now = idsIn(live.files.keys(), kinds);
  const had = [...idsIn(before.files.keys(), kinds)];
  const lost = had.filter((id) => !now.has(id));
  const loss = { lost: lost.length, of: had.length };
  if (loss.of >= MIN_ITEMS && loss.lost >= loss.of * NEARLY_ALL) return loss;
  const [workflows, lostWorkflows] = [had, lost].map((ids) => ids.filter((id) => kindOfId(id) === 'workflows').length);
  return workflows! >= MIN_WORKFLOWS && lostWorkflows === workflows ? loss : null;
}
