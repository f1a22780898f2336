import { FlowkeepError } from '../lib/errors.ts';
import type { Secret } from '../lib/secrets/secret.ts';
import { StoreError } from './errors.ts';

/** A secret of a store, as it is now. @throws StoreError `denied` where its file cannot be read any more */
export function revealNow(secret: Secret): string {
  try {
    return secret.reveal();
  } catch (error) {
    if (!(error instanceof FlowkeepError)) throw error;
    const { message, remedy, cause } = error;
    throw new StoreError('denied', message, { ...(remedy === undefined ? {} : { remedy }), cause });
  }
}
