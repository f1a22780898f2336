import { DAMAGED_HERE } from '../process/damage-words.ts';
import { GitFailure } from '../process/git-failure.ts';
import { meaningOf } from '../process/git-meanings.ts';
import { RepositoryDamage } from './repository-damage.ts';

/**
 * Whether a failure may come from damage of the repository here: git says so, says that there is no repository, or says
 * what is in no table of ours. What a server says of its own repository is not about this one.
 */
export function mayBeDamaged(failure: unknown): boolean {
  if (failure instanceof RepositoryDamage) return true;
  if (!(failure instanceof GitFailure) || failure.exitCode === null) return false;
  return meaningOf(failure) === undefined || failure.says(DAMAGED_HERE) || failure.says(/not a git repository/i);
}
