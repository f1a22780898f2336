import { StoreError } from '../../errors.ts';

/** The repository itself is damaged, as far as flowkeep saw it without git's words. */
export class RepositoryDamage extends StoreError {
  constructor(message: string, remedy: string) {
    super('integrity', message, { remedy });
  }
}
