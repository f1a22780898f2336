import { StoreError } from '../errors.ts';

const REMEDY = 'Give the file of an age identity with --identity FILE or FLOWKEEP_IDENTITY_FILE.';

/** Nothing opens what is to be read. `what` names the snapshot and the store. */
export function identityMissing(what: string): StoreError {
  return new StoreError('identity-missing', `${what} is encrypted, and no identity was given`, {
    remedy: REMEDY,
  });
}

export function identityWrong(what: string): StoreError {
  return new StoreError(
    'identity-wrong',
    `${what} is encrypted for others than the identity that was given`,
    {
      remedy:
        'Give the identity that belongs to one of the recipients of that time; --identity can be repeated.',
    },
  );
}

/** The right identity, and bytes that are not what was saved. */
export function damagedContent(what: string, cause?: unknown): StoreError {
  return new StoreError('integrity', `${what} is damaged: its bytes are not what was encrypted`, {
    remedy:
      'Take the snapshot before or after it. The next backup encrypts it anew, as far as n8n still has it.',
    cause,
  });
}
