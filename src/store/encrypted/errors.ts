import { StoreError } from '../errors.ts';

const REMEDY = 'Give the file of an age identity with --identity FILE or FLOWKEEP_IDENTITY_FILE.';

/** Nothing opens what is to be read. `what` names the snapshot and the store. */
export function identityMissing(what: string): StoreError {
  return new StoreError('identity-missing', `${what} is encrypted, and no identity was given`, {
    remedy: REMEDY,
  });
}

export function identityWrong(what: string): StoreError {
  return new StoreError('identity-wrong', `${what} is not encrypted for the given identity`, {
    remedy: 'Give the identity of one of the recipients used when it was saved; --identity can be repeated.',
  });
}

/** The right identity, and bytes that are not what was saved. */
export function damagedContent(what: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `${what} is damaged: its bytes are not what was encrypted`, {
    remedy: 'Use the snapshot before or after it. The next backup encrypts it again if n8n still has it.',
    cause,
  });
}
