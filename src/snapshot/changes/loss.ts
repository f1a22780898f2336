import type { Kind } from '../../kinds/kinds.ts';
import type { SnapshotHeader } from '../format/header.ts';
import { idsIn } from './same-server.ts';

/** How much of what a snapshot had is gone: workflows, credentials and data tables, each by its id. */
export interface Loss {
  readonly lost: number;
  readonly of: number;
}

/** A share of this much is nearly everything, of at least so many items; of workflows alone, all of so many. */
const NEARLY_ALL = 0.9;
const MIN_ITEMS = 5;
const MIN_WORKFLOWS = 3;

interface State {
  readonly header: SnapshotHeader;
  readonly files: ReadonlyMap<string, unknown>;
}

/**
 * What was lost, where that is nearly everything: far more likely a lost server than a clean-up. 90 % of at least five
 * items, or every workflow of at least three.
 * @returns null where less than that is gone
 */
export function nearTotalLoss(before: State, live: State): Loss | null {
  const now = idsIn(live.files.keys());
  // A kind that is no longer read is not lost.
  const had = [...idsIn(before.files.keys())].filter((id) => live.header.kinds[kindOf(id)] !== undefined);
  const lost = had.filter((id) => !now.has(id));
  const loss = { lost: lost.length, of: had.length };
  if (loss.of >= MIN_ITEMS && loss.lost >= loss.of * NEARLY_ALL) return loss;
  const [workflows, lostWorkflows] = [had, lost].map((ids) => ids.filter((id) => kindOf(id) === 'workflows').length);
  return workflows! >= MIN_WORKFLOWS && lostWorkflows === workflows ? loss : null;
}

function kindOf(id: string): Kind {
  return id.slice(0, id.indexOf('/')) as Kind;
}
