import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import type { CreateAction, UpdateAction } from '../../plan/types.ts';
import { changes, creationsOf, updatesOf, type ActionOf } from '../actions.ts';
import { attempt } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';
import { importTogether } from '../workflows/import-together.ts';

type Creation = ActionOf<'data-tables', CreateAction>;

/**
 * Brings missing data tables back with their columns, and adds what others lack. Their rows follow in a step of their
 * own.
 */
export async function applyTables(context: ApplyContext): Promise<void> {
  const creations = creationsOf(context, 'data-tables');
  const kept = creations.filter(({ identity }) => identity.as === 'original-id');
  for (const group of Map.groupBy(kept, ({ work }) => work.projectId).values())
    await importTables(context, group);
  for (const action of creations) {
    if (action.identity.as === 'new-id') await attempt(context, action, () => createTable(context, action));
  }
  for (const action of updatesOf(context, 'data-tables'))
    await attempt(context, action, () => updateTable(context, action));
}

async function importTables(context: ApplyContext, actions: readonly Creation[]): Promise<void> {
  const place = { projectId: context.ids.projectOf(actions[0]?.work.projectId ?? null), folderId: null };
  await importTogether(context, actions, (some) => {
    const tables = some.map(({ sourceId, name, work }) => ({ id: sourceId, name, columns: work.addColumns }));
    return importWithPlaceholder(context.client, { tables }, place, context.signal);
  });
}

async function createTable(context: ApplyContext, action: Creation): Promise<string> {
  const { client, ids, signal } = context;
  const projectId = ids.projectOf(action.work.projectId);
  const columns = action.work.addColumns.map(({ name, type }) => ({ name, type }));
  const body = { name: action.name, columns, ...(projectId === null ? {} : { projectId }) };
  const { id } = requireText(
    await client.post('/data-tables', body, { signal }),
    ['id'],
    'POST /data-tables',
  );
  await rememberCreated(context, 'data-tables', action.sourceId, id);
  return id;
}

async function updateTable(
  context: ApplyContext,
  action: ActionOf<'data-tables', UpdateAction>,
): Promise<void> {
  const { client, signal } = context;
  const path = `/data-tables/${segment(action.targetId)}`;
  if (changes(action, 'name')) await client.patch(path, { name: action.name }, { signal, idempotent: true });
  for (const { name, type } of action.work.addColumns)
    await client.post(`${path}/columns`, { name, type }, { signal });
}
