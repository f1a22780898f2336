import * as z from 'zod';
import { FlowkeepError } from '../../lib/errors.ts';
import { canonicalJson } from '../../lib/json/json.ts';
import { KINDS } from '../../kinds/kinds.ts';
import type { ItemsBefore } from '../../restore/plan/select/adopt.ts';
import type { IdPair } from '../../restore/plan/types.ts';
import { isStoreError } from '../../store/errors.ts';
import type { Store, StoredDocument } from '../../store/store.ts';

/**
 * What restores keep beside the snapshots, in the folder of the instance that they write to: which id an item has
 * there (`identity.json`, for each instance that snapshots came from), and that a restore is under way
 * (`restore-journal.json`).
 */
const identityDocument = z.object({
  flowkeepIdentity: z.literal(1),
  /** By the name of the instance that the snapshot is of. */
  sources: z.record(
    z.string(),
    z.array(z.object({ kind: z.enum(KINDS), from: z.string(), to: z.string().nullable() })),
  ),
});

const ids = z.array(z.string());
const journalDocument = z.object({
  flowkeepRestoreJournal: z.literal(1),
  startedAt: z.string(),
  snapshot: z.string(),
  /** What the target had when the first of the interrupted runs began. */
  before: z.object({
    projects: ids.optional(),
    folders: ids.optional(),
    credentials: ids.optional(),
    workflows: ids.optional(),
  }),
  /** Credentials that are there for the time of the run alone. */
  temporaryCredentials: ids,
  /** Credentials of the snapshot that came back, or were to, without their secret. */
  stubs: ids,
});

export interface Journal {
  readonly flowkeepRestoreJournal: 1;
  readonly startedAt: string;
  readonly snapshot: string;
  readonly before: ItemsBefore;
  readonly temporaryCredentials: readonly string[];
  readonly stubs: readonly string[];
}

/** The mapping that earlier restores of this source instance into this target saved. */
export async function readIdentity(
  store: Store,
  target: string,
  source: string,
  signal: AbortSignal,
): Promise<IdPair[]> {
  const document = await store.readDocument(identityName(target), signal);
  return document ? [...(parseIdentity(document, target).sources[source] ?? [])] : [];
}

/** Adds pairs to the mapping; one that is there already for an item is replaced. Another writer's pairs are kept. */
export async function addIdentity(
  store: Store,
  target: string,
  source: string,
  pairs: readonly IdPair[],
  signal: AbortSignal,
): Promise<void> {
  await updateDocument(store, identityName(target), signal, (document) => {
    const sources = document ? parseIdentity(document, target).sources : {};
    const merged = new Map((sources[source] ?? []).map((pair) => [`${pair.kind}:${pair.from}`, pair]));
    for (const pair of pairs) merged.set(`${pair.kind}:${pair.from}`, { ...pair });
    return { flowkeepIdentity: 1, sources: { ...sources, [source]: [...merged.values()] } };
  });
}

/** The journal of a restore that did not end, or null. */
export async function readJournal(
  store: Store,
  target: string,
  signal: AbortSignal,
): Promise<Journal | null> {
  const document = await store.readDocument(journalName(target), signal);
  if (!document) return null;
  return parseDocument(document, journalDocument, journalName(target)) as Journal;
}

export async function writeJournal(
  store: Store,
  target: string,
  journal: Journal,
  signal: AbortSignal,
): Promise<void> {
  await updateDocument(store, journalName(target), signal, () => journal);
}

export async function removeJournal(store: Store, target: string, signal: AbortSignal): Promise<void> {
  const document = await store.readDocument(journalName(target), signal);
  if (document) await store.removeDocument(journalName(target), document.version, signal);
}

function identityName(target: string): string {
  return `${target}/identity.json`;
}

function journalName(target: string): string {
  return `${target}/restore-journal.json`;
}

function parseIdentity(document: StoredDocument, target: string): z.infer<typeof identityDocument> {
  return parseDocument(document, identityDocument, identityName(target));
}

function parseDocument<T>(document: StoredDocument, schema: z.ZodType<T>, name: string): T {
  const text = Buffer.from(document.content).toString('utf8');
  const result = schema.safeParse(parseText(text));
  if (result.success) return result.data;
  throw new FlowkeepError('store-document', `${name} in the store is not as flowkeep wrote it`, {
    remedy:
      'A newer flowkeep may have written it: use that one. If it was edited by hand, restore the original, or remove it: ' +
      'items that were restored under new ids are then not recognised and would be restored again.',
  });
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is like JSON of another shape: the caller says so.
    return undefined;
  }
}

/** How often another writer may come first before that is an error. */
const MAX_CONFLICTS = 5;

async function updateDocument(
  store: Store,
  name: string,
  signal: AbortSignal,
  change: (document: StoredDocument | null) => object,
): Promise<void> {
  for (let conflicts = 0; ; conflicts++) {
    const document = await store.readDocument(name, signal);
    const content = Buffer.from(canonicalJson(change(document)));
    try {
      await store.writeDocument(name, content, document?.version ?? null, signal);
      return;
    } catch (error) {
      if (!isStoreError(error, 'conflict') || conflicts >= MAX_CONFLICTS) throw error;
    }
  }
}
