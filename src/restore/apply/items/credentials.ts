import { parseJson } from '../../../lib/json/json.ts';
import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import { isPostableId } from '../../plan/select/new-identity.ts';
import type { CreateAction, UpdateAction } from '../../plan/types.ts';
import { changes, isRenewed, type ActionOf } from '../actions.ts';
import type { ApplyContext } from '../context.ts';
import { RefusedError } from '../../errors.ts';
import { importTogether } from '../workflows/import-together.ts';

type Creation = ActionOf<'credentials', CreateAction>;

/** Brings missing credentials back, as stubs or filled from the credentials file; an existing secret is kept. */
export async function applyCredentials(context: ApplyContext): Promise<void> {
  const { actions, client, ids } = context;
  const creations = actions.creations('credentials');
  const asStubs = creations.filter((action) => comesByPackage(context, action));
  for (const [sourceProject, group] of Map.groupBy(asStubs, ({ work }) => work.projectId)) {
    const place = { projectId: ids.projectOf(sourceProject), folderId: null };
    await importTogether(actions, group, (some) => {
      const stubs = some.map(({ sourceId, name, work }) => ({ id: sourceId, name, type: work.type }));
      return importWithPlaceholder(client, { stubs }, place);
    });
  }
  for (const action of creations) {
    if (!comesByPackage(context, action)) await actions.attempt(action, () => post(context, action));
    else if (action.work.filled && !actions.outcomes.isMissing(action.key))
      await actions.attempt(action, () => patchData(context, action.sourceId, action.sourceId));
  }
  await actions.attemptEach(actions.updates('credentials'), (action) => update(context, action));
}

/**
 * A package makes stubs of every type, also of those whose required fields make `POST /credentials` refuse empty data
 * (slackApi, openAiApi and others; docs/internal/n8n-api-notes.md), and of every id.
 */
function comesByPackage({ plan }: ApplyContext, action: Creation): boolean {
  if (isRenewed(action) || !plan.capabilities.packages) return false;
  return !action.work.filled || !isPostableId(action.sourceId);
}

async function post(context: ApplyContext, action: Creation): Promise<string> {
  try {
    const id = await postCredential(context, action);
    return await context.ids.created('credentials', action.sourceId, id);
  } catch (error) {
    if (!isN8nError(error, 'refused') || action.work.filled) throw error;
    throw new RefusedError(
      `n8n does not accept a credential of type ${action.work.type} without its data: ${error.reason ?? error.message}`,
      'Give its data with --credentials-file.',
    );
  }
}

async function postCredential(context: ApplyContext, action: Creation): Promise<string> {
  const { client, ids } = context;
  const projectId = ids.projectOf(action.work.projectId);
  const body = {
    name: action.name,
    type: action.work.type,
    data: dataOf(context, action.sourceId),
    ...(projectId === null ? {} : { projectId }),
  };
  if (isRenewed(action)) return readId(await client.post('/credentials', body));
  try {
    return readId(await client.post('/credentials', { id: action.sourceId, ...body }));
  } catch (error) {
    // An n8n that gives credentials ids of its own says so: `request/body/id is read-only`, or the like.
    if (!isN8nError(error, 'refused') || !/\bid\b/.test(error.reason ?? '')) throw error;
    return readId(await client.post('/credentials', body));
  }
}

function readId(answer: unknown): string {
  return requireText(answer, ['id'], 'POST /credentials').id;
}

async function update(context: ApplyContext, action: ActionOf<'credentials', UpdateAction>): Promise<void> {
  const { client, ids } = context;
  const path = `/credentials/${segment(action.targetId)}`;
  if (changes(action, 'name')) await client.patch(path, { name: action.name }, { idempotent: true });
  if (changes(action, 'project')) {
    const destinationProjectId = ids.namedProject(action.work.projectId);
    await client.put(`${path}/transfer`, { destinationProjectId });
  }
  if (changes(action, 'secret')) await patchData(context, action.sourceId, action.targetId);
}

async function patchData(context: ApplyContext, sourceId: string, targetId: string): Promise<void> {
  const body = { data: dataOf(context, sourceId) };
  await context.client.patch(`/credentials/${segment(targetId)}`, body, { idempotent: true });
}

/** The data from the credentials file; without it none, which makes a stub. */
function dataOf({ credentials }: ApplyContext, sourceId: string): unknown {
  const data = credentials.get(sourceId);
  return data ? parseJson(data.reveal()) : {};
}
