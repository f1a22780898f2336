import { segment } from '../../../n8n/http/types.ts';
import { creationsOf, updatesOf, type ActionOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import type { ApplyContext } from '../context.ts';

/**
 * Creates missing variables and sets those that differ. n8n names them by key, so a variable needs no id of its own;
 * it answers 201 with an empty body (docs/n8n-api-notes.md, Writes), and a second one of the same key and project is
 * refused.
 */
export async function applyVariables(context: ApplyContext): Promise<void> {
  const { client, signal } = context;
  for (const action of creationsOf(context, 'variables')) {
    await attempt(context, action, async () => {
      await client.post('/variables', bodyOf(context, action), { signal });
    });
  }
  for (const action of updatesOf(context, 'variables')) {
    await attempt(context, action, async () => {
      await client.put(`/variables/${segment(action.targetId)}`, bodyOf(context, action), { signal });
    });
  }
}

function bodyOf(context: ApplyContext, action: ActionOf<'variables'>): object {
  const variable = context.source.variables.get(action.sourceId);
  const projectId = context.ids.projectOf(action.work.projectId);
  // null makes a variable global, which is what leaving it out means for a new one.
  const project = projectId === null && action.verb === 'create' ? {} : { projectId };
  return { key: variable?.key ?? action.name, value: variable?.value ?? '', ...project };
}
