import { parseJson } from '../../../lib/json/json.ts';
import { isN8nError } from '../../../n8n/http/errors.ts';
import { segment } from '../../../n8n/http/types.ts';
import { requireText } from '../../../kinds/fields.ts';
import { importWithPlaceholder } from '../../package/placeholder-workflow.ts';
import { isPostableId } from '../../plan/select/new-identity.ts';
import type { CreateAction, UpdateAction } from '../../plan/types.ts';
import { changes, creationsOf, updatesOf, type ActionOf } from '../actions.ts';
import { attempt, RefusedError } from '../attempt.ts';
import { rememberCreated, type ApplyContext } from '../context.ts';
import { importTogether } from '../workflows/import-together.ts';
import { namedProject } from './named-project.ts';

type Creation = ActionOf<'credentials', CreateAction>;

/** Brings missing credentials back, as stubs or filled from the credentials file; an existing secret is kept. */
export async function applyCredentials(context: ApplyContext): Promise<void> {
  const creations = creationsOf(context, 'credentials');
  const asStubs = creations.filter((action) => comesByPackage(context, action));
  for (const group of Map.groupBy(asStubs, ({ work }) => work.projectId).values())
    await importStubs(context, group);
  for (const action of creations) {
    if (comesByPackage(context, action)) await fillStub(context, action);
    else await attempt(context, action, () => post(context, action));
  }
  for (const action of updatesOf(context, 'credentials'))
    await attempt(context, action, () => update(context, action));
}

/**
 * A package makes stubs of every type, also of those whose required fields make `POST /credentials` refuse empty data
 * (slackApi, openAiApi and others; docs/n8n-api-notes.md), and of every id.
 */
function comesByPackage(context: ApplyContext, action: Creation): boolean {
  if (action.identity.as === 'new-id' || !context.plan.capabilities.packages) return false;
  return !action.work.filled || !isPostableId(action.sourceId);
}

async function importStubs(context: ApplyContext, actions: readonly Creation[]): Promise<void> {
  const place = { projectId: context.ids.projectOf(actions[0]?.work.projectId ?? null), folderId: null };
  await importTogether(context, actions, (some) => {
    const stubs = some.map(({ sourceId, name, work }) => ({ id: sourceId, name, type: work.type }));
    return importWithPlaceholder(context.client, { stubs }, place, context.signal);
  });
}

async function fillStub(context: ApplyContext, action: Creation): Promise<void> {
  if (!action.work.filled || context.outcomes.isMissing(action.key)) return;
  await attempt(context, action, () => patchData(context, action.sourceId, action.sourceId));
}

async function post(context: ApplyContext, action: Creation): Promise<string> {
  try {
    const id = await postCredential(context, action);
    await rememberCreated(context, 'credentials', action.sourceId, id);
    return id;
  } catch (error) {
    if (!isN8nError(error, 'refused') || action.work.filled) throw error;
    throw new RefusedError(
      `n8n does not accept a credential of type ${action.work.type} without its data: ${error.reason ?? error.message}`,
      'Give its data with --credentials-file.',
    );
  }
}

async function postCredential(context: ApplyContext, action: Creation): Promise<string> {
  const { client, ids, signal } = context;
  const projectId = ids.projectOf(action.work.projectId);
  const body = {
    name: action.name,
    type: action.work.type,
    data: dataOf(context, action.sourceId),
    ...(projectId === null ? {} : { projectId }),
  };
  if (action.identity.as === 'new-id') return readId(await client.post('/credentials', body, { signal }));
  try {
    return readId(await client.post('/credentials', { id: action.sourceId, ...body }, { signal }));
  } catch (error) {
    // An n8n that gives credentials ids of its own says so: `request/body/id is read-only`, or the like.
    if (!isN8nError(error, 'refused') || !/\bid\b/.test(error.reason ?? '')) throw error;
    return readId(await client.post('/credentials', body, { signal }));
  }
}

function readId(answer: unknown): string {
  return requireText(answer, ['id'], 'POST /credentials').id;
}

async function update(context: ApplyContext, action: ActionOf<'credentials', UpdateAction>): Promise<void> {
  const { client, signal } = context;
  if (changes(action, 'name')) {
    const path = `/credentials/${segment(action.targetId)}`;
    await client.patch(path, { name: action.name }, { signal, idempotent: true });
  }
  if (changes(action, 'project')) {
    const destinationProjectId = namedProject(context, action.work.projectId);
    const path = `/credentials/${segment(action.targetId)}/transfer`;
    await client.put(path, { destinationProjectId }, { signal });
  }
  if (changes(action, 'secret')) await patchData(context, action.sourceId, action.targetId);
}

async function patchData(context: ApplyContext, sourceId: string, targetId: string): Promise<void> {
  const { client, signal } = context;
  const body = { data: dataOf(context, sourceId) };
  await client.patch(`/credentials/${segment(targetId)}`, body, { signal, idempotent: true });
}

/** The data from the credentials file; without it none, which makes a stub. */
function dataOf(context: ApplyContext, sourceId: string): unknown {
  const data = context.credentials.get(sourceId);
  return data ? parseJson(data.reveal()) : {};
}
