import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import { KIND, plural, type Kind } from '../../kinds/kinds.ts';
import type { PlanInput } from '../../restore/plan/context.ts';
import { itemsOf } from '../../restore/model/items.ts';
import type { SnapshotModel } from '../../restore/model/model.ts';
import { Identities } from '../../restore/plan/select/identity.ts';
import type { IdPair, Plan } from '../../restore/plan/types.ts';
import { describeUnasked, type UnaskedStore } from '../snapshots/unasked.ts';
import type { Journal, RestoreDocuments } from './restore-documents.ts';
import type { RestoreRun } from './restore-run.ts';

/**
 * What earlier restores into the target left in any of the stores: one of them may have run while the store of today's
 * snapshot was down, or with another one.
 */
export interface Remembered {
  /** One list for each store that answered, that of the snapshot first. */
  readonly identities: readonly (readonly IdPair[])[];
  readonly interrupted: Journal | null;
  /** Where that one was found. */
  readonly journalIn: RestoreDocuments | null;
  /** Stores that may remember more. */
  readonly unread: readonly UnaskedStore[];
}

/** @throws StoreError of the snapshot's own store; of another one it is among `unread` */
export async function readMemory(run: RestoreRun, source: string): Promise<Remembered> {
  const { documents, otherDocuments, signal } = run;
  const identities = [await documents.readIdentity(source)];
  const unread: UnaskedStore[] = [...(run.unasked ?? [])];
  let interrupted = await documents.readJournal();
  let journalIn = interrupted ? documents : null;
  for (const other of otherDocuments) {
    try {
      identities.push(await other.readIdentity(source));
      if (interrupted) continue;
      interrupted = await other.readJournal();
      if (interrupted) journalIn = other;
    } catch (error) {
      if (signal.aborted || !(error instanceof FlowkeepError)) throw error;
      unread.push({ store: other.store, error });
    }
  }
  return { identities, interrupted, journalIn, unread };
}

/** One pair for each item: the first that leads to an item which is there, in the order of the stores. */
export function mergeIdentities(identities: Remembered['identities'], live: SnapshotModel): IdPair[] {
  const merged = new Map<string, IdPair>();
  for (const pair of identities.flat()) {
    const key = `${pair.kind}:${pair.from}`;
    const known = merged.get(key);
    if (!known || (!isThere(known, live) && isThere(pair, live))) merged.set(key, pair);
  }
  return [...merged.values()];
}

function isThere({ kind, to }: IdPair, live: SnapshotModel): boolean {
  return to === null || itemsOf(live, kind).has(to);
}

/**
 * Stops where an item would be created that may be on the target under an id which only a store knows that could not
 * be asked: it would be there twice. Where the target has no item of that kind beside those of the snapshot, nothing
 * can be. A dry run only says it.
 * @throws FlowkeepError `restore-memory`
 */
export function requireMemory(run: RestoreRun, plan: Plan, input: PlanInput, unread: readonly UnaskedStore[]): void {
  const kinds = unread.length === 0 ? [] : kindsInDoubt(plan, input);
  if (kinds.length === 0) return;
  const words = kinds.map((kind) => plural(kind)).join(', ');
  const stores = unread.map((each) => describeUnasked(each)).join('\n');
  const message = `${words} of the snapshot may be on the target under other ids, which one store alone may know:\n${stores}`;
  const error = new FlowkeepError('restore-memory', message, {
    remedy:
      `Restore once that store answers. Or use what is known without it, with --store ${run.store.name}: items that an ` +
      'earlier restore brought back under new ids may then be created again.',
  });
  if (!run.dryRun) throw error;
  run.logger.warn({ code: error.code }, `the restore itself would stop: ${message}`);
}

/** Kinds of which items are created while others on the target are nobody's: these may be the same under a new name. */
function kindsInDoubt(plan: Plan, input: PlanInput): Kind[] {
  const identities = new Identities(input);
  const created = new Set(plan.actions.flatMap(({ verb, kind }) => (verb === 'create' ? [kind] : [])));
  return [...created].filter((kind) => {
    if (KIND[kind].newId === 'name') return false;
    const ids = [...itemsOf(input.source, kind).keys()];
    const claimed = new Set(ids.map((id) => identities.match(kind, id)?.targetId));
    return [...itemsOf(input.live, kind).keys()].some((id) => !claimed.has(id));
  });
}

/** Gives the other stores what this restore has to remember: each of them may be the only one that is left. */
export async function shareMemory(run: RestoreRun, source: string, isNew: boolean): Promise<void> {
  if (!isNew || run.otherDocuments.length === 0) return;
  const pairs = await run.documents.readIdentity(source);
  for (const other of run.otherDocuments) {
    try {
      await other.addIdentity(source, pairs);
    } catch (error) {
      if (run.signal.aborted || !(error instanceof FlowkeepError)) throw error;
      run.logger.warn(
        { store: other.store },
        `which ids items came back under is known in store ${run.store.name} alone: ${messageOf(error)}`,
      );
    }
  }
}
