import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import type { CreateAction, UpdateAction } from '../../plan/types.ts';
import { changes, isRenewed, keepsId, type ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { importTogether } from '../workflows/import-together.ts';

type Creation = ActionOf<'data-tables', CreateAction>;

/**
 * Brings missing data tables back with their columns, and adds what others lack. Their rows follow in a step of their
 * own.
 */
export async function applyTables(context: ApplyContext): Promise<void> {
  const { actions, client, ids } = context;
  const creations = actions.creations('data-tables');
  for (const [sourceProject, group] of Map.groupBy(creations.filter(keepsId), ({ work }) => work.projectId)) {
    const place = { projectId: ids.projectOf(sourceProject), folderId: null };
    await importTogether(actions, group, (some) => {
      const tables = some.map(({ sourceId, name, work }) => ({
        id: sourceId,
        name,
        columns: work.addColumns,
      }));
      return importWithPlaceholder(client, { tables }, place);
    });
  }
  await actions.attemptEach(creations.filter(isRenewed), (action) => createTable(context, action));
  await actions.attemptEach(actions.updates('data-tables'), (action) => updateTable(context, action));
}

async function createTable({ client, ids }: ApplyContext, action: Creation): Promise<string> {
  const projectId = ids.projectOf(action.work.projectId);
  const columns = action.work.addColumns.map(({ name, type }) => ({ name, type }));
  const body = { name: action.name, columns, ...(projectId === null ? {} : { projectId }) };
  const { id } = requireText(await client.post('/data-tables', body), ['id'], 'POST /data-tables');
  return ids.created('data-tables', action.sourceId, id);
}

async function updateTable({ client }: ApplyContext, action: ActionOf<'data-tables', UpdateAction>): Promise<void> {
  const path = `/data-tables/${segment(action.targetId)}`;
  if (changes(action, 'name')) await client.patch(path, { name: action.name }, { idempotent: true });
  for (const { name, type } of action.work.addColumns) await client.post(`${path}/columns`, { name, type });
}
