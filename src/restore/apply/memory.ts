import type { IdPair } from '../plan/types.ts';

/** What a run needs to remember beyond the process, so that the next one can complete it. */
export interface RestoreMemory {
  /** Keeps what was created under a new id. Called as soon as it exists; resolves when it is safe. */
  remember(pairs: readonly IdPair[]): Promise<void>;
  /** Keeps the ids of things that are there for the time of the run alone, before they are created. */
  rememberTemporary(credentialIds: readonly string[]): Promise<void>;
  /** Credentials that a run before this one may have left behind, because it was killed. */
  readonly leftBehind: readonly string[];
}
