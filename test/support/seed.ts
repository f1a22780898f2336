import type { JsonObject } from '../../src/lib/json/json.ts';
import { idOf, seedClient, type SeedClient, type SeedTarget } from './seed/client.ts';
import { credentialBody, dataTableBody, rowsOf, subject, tagNames, workflowContent } from './seed/content.ts';
import { seedPlaces, type Places } from './seed/places.ts';

export interface SeedOptions {
  readonly workflows?: number;
  readonly credentials?: number;
  readonly tags?: number;
  readonly dataTables?: number;
  /** Rows of each data table. */
  readonly rows?: number;
  /** Team projects with nested folders, and variables: only on an instance with these features. */
  readonly licensed?: boolean;
}

/** What was made, by kind: ids in the order of creation. */
export interface Seeded {
  readonly workflowIds: readonly string[];
  readonly credentialIds: readonly string[];
  readonly tagIds: readonly string[];
  readonly dataTableIds: readonly string[];
  readonly projectIds: readonly string[];
  readonly folderIds: readonly string[];
}

/**
 * Fills an n8n with a believable instance through its public API: workflows that call each other (two of them in a
 * cycle), report to error workflows, use credentials, data tables, tags, pinned and static data; some live, some with a
 * draft ahead of the live version, some archived. The same options give the same content (ids are n8n's).
 */
export async function seed(target: SeedTarget, options: SeedOptions = {}): Promise<Seeded> {
  const client = seedClient(target);
  const { workflows = 40, credentials = 8, tags = 6, dataTables = 2, rows = 120, licensed = false } = options;
  const places = licensed ? await seedPlaces(client) : { projectIds: [], folderIds: [], homes: [{}] };
  const tagIds = await client.eight(tagNames(tags), async (name) => idOf(await client.post('/tags', { name })));
  const credentialIds = await client.eight(range(credentials), async (index) =>
    idOf(await client.post('/credentials', { ...credentialBody(index), ...projectOf(places, index) })),
  );
  const dataTableIds = await client.eight(range(dataTables), (index) => seedTable(client, places, index, rows));
  const workflowIds = await seedWorkflows(client, {
    count: workflows,
    places,
    tagIds,
    credentialIds,
    dataTableIds,
  });
  const { projectIds, folderIds } = places;
  return { workflowIds, credentialIds, tagIds, dataTableIds, projectIds, folderIds };
}

/** n8n takes 16 MB in one request; 10,000 rows are about 1 MB. */
const ROWS_PER_REQUEST = 10_000;

async function seedTable(client: SeedClient, places: Places, index: number, rows: number): Promise<string> {
  const id = idOf(await client.post('/data-tables', { ...dataTableBody(index), ...projectOf(places, index) }));
  for (let start = 0; start < rows; start += ROWS_PER_REQUEST) {
    const data = rowsOf(start, Math.min(rows, start + ROWS_PER_REQUEST));
    await client.post(`/data-tables/${id}/rows`, { data });
  }
  return id;
}

interface WorkflowPlan {
  readonly count: number;
  readonly places: Places;
  readonly tagIds: readonly string[];
  readonly credentialIds: readonly string[];
  readonly dataTableIds: readonly string[];
}

/** Share of workflows that others call; they are made first, so that their ids are known. */
const CALLEE_EVERY = 5;

async function seedWorkflows(client: SeedClient, plan: WorkflowPlan): Promise<string[]> {
  const callees = range(plan.count).filter((index) => index % CALLEE_EVERY === 0);
  const others = range(plan.count).filter((index) => index % CALLEE_EVERY !== 0);
  const ids = new Map<number, string>();
  const make = async (index: number) => {
    const home = plan.places.homes[index % plan.places.homes.length] ?? {};
    const id = idOf(await client.post('/workflows', { ...workflowContent(index, links(index, ids, plan)), ...home }));
    ids.set(index, id);
    await finish(client, index, id, plan, links(index, ids, plan));
  };
  await client.eight(callees, make);
  await client.eight(others, make);
  await closeCycle(client, ids, plan);
  return range(plan.count).map((index) => ids.get(index) ?? '');
}

/** What workflow `index` refers to. Callees refer to no workflow, so that they can be published first. */
function links(index: number, ids: ReadonlyMap<number, string>, plan: WorkflowPlan) {
  const isCallee = index % CALLEE_EVERY === 0;
  const calleeCount = Math.ceil(plan.count / CALLEE_EVERY);
  const pick = (offset: number) => ids.get(((index + offset) % calleeCount) * CALLEE_EVERY);
  return {
    callee: isCallee || index % 3 !== 1 ? undefined : pick(0),
    tool: isCallee || index % 3 !== 2 ? undefined : pick(1),
    errorWorkflow: isCallee ? undefined : pick(2),
    credential: plan.credentialIds[index % Math.max(1, plan.credentialIds.length)],
    credentialIndex: index % Math.max(1, plan.credentialIds.length),
    dataTable: index % 4 === 3 ? plan.dataTableIds[index % Math.max(1, plan.dataTableIds.length)] : undefined,
  };
}

/** Tags, live version, a draft ahead of it, or the archive, by number. */
async function finish(
  client: SeedClient,
  index: number,
  id: string,
  plan: WorkflowPlan,
  refersTo: ReturnType<typeof links>,
): Promise<void> {
  const tagIds = plan.tagIds.filter((_, tag) => tag === index % plan.tagIds.length || (index + tag) % 7 === 0);
  if (tagIds.length > 0)
    await client.put(
      `/workflows/${id}/tags`,
      tagIds.map((tagId) => ({ id: tagId })),
    );
  // A workflow that others call stays in use: n8n publishes no caller of one that is not published.
  if (index % 11 === 7 && index % CALLEE_EVERY !== 0) {
    await client.post(`/workflows/${id}/archive`);
    return;
  }
  if (index % CALLEE_EVERY !== 0 && index % 2 === 0) return;
  await client.post(`/workflows/${id}/publish`);
  if (index % 10 !== 3) return;
  const draft = workflowContent(index, refersTo, 'draft ahead');
  await client.put(`/workflows/${id}?publishIfActive=false`, {
    ...draft,
    description: `Draft of ${subject(index)}`,
  });
}

/** The first two workflows call each other in their drafts; both stay live without the calls, as n8n wants it. */
async function closeCycle(client: SeedClient, ids: ReadonlyMap<number, string>, plan: WorkflowPlan): Promise<void> {
  const [first, second] = [ids.get(0), ids.get(CALLEE_EVERY)];
  if (first === undefined || second === undefined) return;
  for (const [index, id, callee] of [
    [0, first, second],
    [CALLEE_EVERY, second, first],
  ] as const) {
    const content = workflowContent(index, { ...links(index, ids, plan), callee });
    await client.put(`/workflows/${id}?publishIfActive=false`, content);
  }
}

function projectOf(places: Places, index: number): JsonObject {
  const projectId = places.homes[index % places.homes.length]?.['projectId'];
  return projectId === undefined ? {} : { projectId };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
