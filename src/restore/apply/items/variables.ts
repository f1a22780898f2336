import { segment } from '../../../n8n/http/types.ts';
import type { ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';

/**
 * Creates missing variables and sets those that differ. n8n names them by key, so a variable needs no id of its own;
 * it answers 201 with an empty body (docs/internal/n8n-api-notes.md, Writes), and a second one of the same key and
 * project is refused.
 */
export async function applyVariables(context: ApplyContext): Promise<void> {
  const { actions, client } = context;
  await actions.attemptEach(actions.creations('variables'), async (action) => {
    await client.post('/variables', bodyOf(context, action));
  });
  await actions.attemptEach(actions.updates('variables'), async (action) => {
    await client.put(`/variables/${segment(action.targetId)}`, bodyOf(context, action));
  });
}

function bodyOf({ ids, source }: ApplyContext, action: ActionOf<'variables'>): object {
  const variable = source.variables.get(action.sourceId);
  const projectId = ids.projectOf(action.work.projectId);
  // null makes a variable global, which is what leaving it out means for a new one.
  const project = projectId === null && action.verb === 'create' ? {} : { projectId };
  return { key: variable?.key ?? action.name, value: variable?.value ?? '', ...project };
}
