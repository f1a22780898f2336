import { FlowkeepError } from '../../lib/errors.ts';
import type { Kind } from '../../kinds/kinds.ts';
import type { Action, CreateAction, DeleteAction, UpdateAction, WriteAction } from '../plan/types.ts';
import type { WorkOf } from '../plan/work.ts';
import { endsTheRun, reasonOf } from './errors.ts';
import { Outcomes } from './outcome.ts';

/** A write action whose work is that of its kind. */
export type ActionOf<K extends Kind, A extends WriteAction = WriteAction> = A & {
  readonly work: WorkOf<K>;
};

/** The actions of a plan while they are done: which of them a step has to do, and what became of each. */
export class Actions {
  readonly outcomes = new Outcomes();
  readonly #actions: readonly Action[];

  /** Actions without work have their outcome already. */
  constructor(actions: readonly Action[]) {
    this.#actions = actions;
    for (const action of actions) {
      if (action.verb === 'unchanged') this.outcomes.done(action.key, action.targetId);
      if (action.verb === 'skip') this.outcomes.skip(action.key, action.why);
      if (action.verb === 'blocked') this.outcomes.fail(action.key, action.why, action.remedy ?? undefined);
    }
  }

  /** The missing items of a kind, in the order of the plan, without those whose place could not be made. */
  creations<K extends Kind>(kind: K): ActionOf<K, CreateAction>[] {
    return this.#ready(kind).filter((action) => action.verb === 'create');
  }

  /** The items of a kind that exist and differ, without those whose place could not be made. */
  updates<K extends Kind>(kind: K): ActionOf<K, UpdateAction>[] {
    return this.#ready(kind).filter((action) => action.verb === 'update');
  }

  /** Both, without those that lack their place, or that could not be created. */
  present<K extends Kind>(kind: K): ActionOf<K>[] {
    return this.#ready(kind).filter((action) => !this.outcomes.isMissing(action.key));
  }

  deletions(): DeleteAction[] {
    return this.#actions.filter((action) => action.verb === 'delete');
  }

  /**
   * Does one step of one action. What fails is noted for that action and stops no other; what ends the whole run (the
   * instance is gone, the key is wrong, the user stopped it, the store refuses) is thrown on.
   * @param step gives the item's id on the target where it learns it
   * @returns whether it succeeded
   */
  async attempt({ key }: Action, step: () => Promise<string | void>): Promise<boolean> {
    try {
      this.outcomes.done(key, (await step()) ?? undefined);
      return true;
    } catch (error) {
      if (endsTheRun(error)) throw error;
      const remedy = error instanceof FlowkeepError ? error.remedy : undefined;
      this.outcomes.fail(key, reasonOf(error), remedy);
      return false;
    }
  }

  /** Attempts a step of each of these actions, a few at a time, in order of start. The client bounds the rate. */
  async attemptEach<A extends Action>(
    actions: readonly A[],
    step: (action: A) => Promise<string | void>,
    atATime = 1,
  ): Promise<void> {
    const queue = actions.values();
    const workers = Array.from({ length: Math.min(atATime, actions.length) }, async () => {
      for (const action of queue) await this.attempt(action, () => step(action));
    });
    const results = await Promise.allSettled(workers);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #ready<K extends Kind>(kind: K): ActionOf<K>[] {
    return this.#actions.filter((action): action is ActionOf<K> => {
      const writes = action.verb === 'create' || action.verb === 'update';
      return writes && action.kind === kind && this.#isReady(action);
    });
  }

  /** Without its place, an item cannot be restored: it is skipped, and the reason says so. */
  #isReady(action: WriteAction): boolean {
    const missing = action.dependsOn.find((key) => this.outcomes.isMissing(key));
    if (missing === undefined) return true;
    this.outcomes.skip(action.key, `depends on ${missing}, which could not be restored`);
    return false;
  }
}

/** Whether the item comes back under a new id. */
export function isRenewed({ identity }: CreateAction): boolean {
  return identity.as === 'new-id';
}

/** Whether the item comes back under the id that it had. */
export function keepsId(action: CreateAction): boolean {
  return !isRenewed(action);
}

/** Whether the plan says that this field differs. */
export function changes(action: WriteAction, field: UpdateAction['changes'][number]['field']): boolean {
  return action.verb === 'update' && action.changes.some((change) => change.field === field);
}
