import { RefusedError } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

/**
 * The id of a project where a request has to name it: only the target's own data has that of the personal one.
 * @throws RefusedError where it is not known
 */
export function namedProject(context: ApplyContext, sourceId: string | null): string {
  const id = context.ids.projectOf(sourceId);
  if (id !== null) return id;
  const personal = [...context.live.projects.values()].filter((project) => project.personal);
  const [only] = personal;
  if (only && personal.length === 1) return only.id;
  throw new RefusedError(
    'cannot move it to your personal project: its id is unknown',
    'Move it in the editor.',
  );
}
