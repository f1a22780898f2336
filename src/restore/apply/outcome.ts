import type { ActionKey } from '../plan/types.ts';

/** What became of one action of the plan. */
export interface Outcome {
  readonly key: ActionKey;
  readonly status: 'done' | 'failed' | 'skipped';
  /** Why it failed, in n8n's own words, or was skipped. */
  readonly reason?: string;
  readonly remedy?: string;
  /** What was left out or changed on the way, each in one sentence. */
  readonly notes: readonly string[];
  /** The item's id on the target, where it has one. */
  readonly targetId?: string;
}

/** Gathers outcomes. An action that failed remains failed, whatever else succeeds for it later. */
export class Outcomes {
  readonly #byKey = new Map<ActionKey, Outcome>();

  done(key: ActionKey, targetId?: string): void {
    const before = this.#byKey.get(key);
    if (before && before.status !== 'done') return;
    const id = targetId ?? before?.targetId;
    this.#byKey.set(key, {
      key,
      status: 'done',
      notes: before?.notes ?? [],
      ...(id === undefined ? {} : { targetId: id }),
    });
  }

  fail(key: ActionKey, reason: string, remedy?: string): void {
    const before = this.#byKey.get(key);
    if (before?.status === 'failed') return this.note(key, reason);
    const targetId = before?.targetId;
    this.#byKey.set(key, {
      key,
      status: 'failed',
      reason,
      notes: before?.notes ?? [],
      ...(remedy === undefined ? {} : { remedy }),
      ...(targetId === undefined ? {} : { targetId }),
    });
  }

  skip(key: ActionKey, reason: string): void {
    this.#byKey.set(key, { key, status: 'skipped', reason, notes: [] });
  }

  /** Adds a sentence to what is known of an action. */
  note(key: ActionKey, note: string): void {
    const before = this.#byKey.get(key) ?? { key, status: 'done' as const, notes: [] };
    if (before.notes.includes(note)) return;
    this.#byKey.set(key, { ...before, notes: [...before.notes, note] });
  }

  /** Whether what the action was to bring is not there, so that what is in it cannot be either. */
  isMissing(key: ActionKey): boolean {
    const outcome = this.#byKey.get(key);
    return outcome !== undefined && outcome.status !== 'done' && outcome.targetId === undefined;
  }

  get(key: ActionKey): Outcome | undefined {
    return this.#byKey.get(key);
  }

  all(): Outcome[] {
    return [...this.#byKey.values()];
  }
}
