import { FlowkeepError, type FlowkeepErrorOptions } from '../lib/errors.ts';
import { EXIT, type ExitCode } from '../lib/exit-codes.ts';

export type StoreErrorCode =
  /** The snapshot, file or bucket does not exist. */
  | 'not-found'
  /** Stored bytes are not what was saved. */
  | 'integrity'
  /** Another writer was first. */
  | 'conflict'
  /** Credentials are missing, wrong or lack a right. */
  | 'denied'
  /** The server or the path cannot be reached. */
  | 'unreachable'
  /** The disk or the quota is full. */
  | 'full'
  /** This type of store cannot do that. */
  | 'unsupported'
  /** The store holds something that flowkeep did not write, or of a newer format. */
  | 'format'
  /** What is to be read is encrypted, and no identity was given. */
  | 'identity-missing'
  /** What is to be read is encrypted for others than the identities that were given. */
  | 'identity-wrong'
  /** Anything else. */
  | 'failed';

const EXIT_OF: Partial<Record<StoreErrorCode, ExitCode>> = {
  integrity: EXIT.integrity,
  'not-found': EXIT.usage,
  unsupported: EXIT.usage,
  'identity-missing': EXIT.usage,
  'identity-wrong': EXIT.usage,
};

/** What went wrong in a store: the message names the store and the place, the remedy says what to do. */
export class StoreError extends FlowkeepError {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorCode;

  constructor(reason: StoreErrorCode, message: string, options: FlowkeepErrorOptions = {}) {
    super(`store-${reason}`, message, { exitCode: EXIT_OF[reason] ?? EXIT.failed, ...options });
    this.reason = reason;
  }
}

/** Whether an error is a StoreError with this reason. */
export function isStoreError(error: unknown, reason: StoreErrorCode): error is StoreError {
  return error instanceof StoreError && error.reason === reason;
}
