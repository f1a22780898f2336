import { isList, KIND, type Kind } from '../kinds/kinds.ts';
import { readCapabilities, type Capabilities } from '../n8n/capabilities.ts';
import { isInstanceGone, isN8nError, N8nError } from '../n8n/http/errors.ts';
import { missingNeeds, needlessScopes, type ApiCommand, type ScopeNeed } from '../kinds/scopes.ts';
import { segment, type N8nClient } from '../n8n/http/types.ts';
import { isJsonObject } from '../lib/json/json.ts';
import { objectsIn } from '../kinds/fields.ts';
import { readSourceFromExport } from '../kinds/workflows/workflow-folders.ts';
import { failureOf, type KindFailure } from '../snapshot/collect/outcome.ts';
import type { Store } from '../store/store.ts';
import { emptyStore, signsOfLoss, type Holding } from './snapshots/empty-store.ts';
import { throwIfAborted } from '../lib/errors.ts';

export interface CheckOptions {
  readonly instance: string;
  readonly kinds: readonly Kind[];
  readonly client: N8nClient;
  readonly stores: readonly Store[];
  /** The commands that run without anybody asking: by a schedule, or over the daemon's API. */
  readonly unattended: readonly ApiCommand[];
  readonly signal: AbortSignal;
}

/** How the items of a kind would come back. */
export type Restorable = 'original-ids' | 'new-ids' | 'by-name' | 'on-request' | 'no-scope';

export interface KindCheck {
  readonly kind: Kind;
  /** null: readable. */
  readonly failure: KindFailure | null;
  readonly restorable: Restorable;
  /** Scopes that a restore of this kind lacks. */
  readonly missing: readonly ScopeNeed[];
}

export interface CommandCheck {
  readonly command: ApiCommand;
  readonly missing: readonly ScopeNeed[];
}

export interface CheckReport {
  readonly instance: string;
  readonly url: string;
  /** null where the instance does not tell: it has no workflow, or is too old. */
  readonly n8nVersion: string | null;
  readonly capabilities: Capabilities;
  readonly kinds: readonly KindCheck[];
  /** Commands that lack a scope; empty where the key's scopes are unknown. */
  readonly commands: readonly CommandCheck[];
  /** Scopes that no command of flowkeep needs. */
  readonly needless: readonly string[];
  /** Scopes that only other commands use than those that run unattended, whose key is exposed all day. */
  readonly unattended: { readonly commands: readonly ApiCommand[]; readonly needless: readonly string[] };
  readonly stores: readonly {
    readonly store: string;
    readonly location: string;
    /** What its settings leave open. */
    readonly weakness?: string;
    /** How many it holds of the instance; left out where it does not tell. */
    readonly snapshots?: number;
    readonly error?: unknown;
  }[];
}

const COMMANDS: readonly ApiCommand[] = ['backup', 'restore', 'pull'];

/**
 * Looks whether everything works before it is needed: URL, key, scopes, licence, stores.
 * @throws N8nError where the instance does not answer or the key is wrong
 */
export async function check(options: CheckOptions): Promise<CheckReport> {
  const { client, signal, kinds } = options;
  const capabilities = await readCapabilities(client, signal);
  const granted = capabilities.scopes === 'unknown' ? null : capabilities.scopes;
  const readable = await probeKinds(options);
  return {
    instance: options.instance,
    url: client.url,
    n8nVersion: await readVersion(client, signal),
    capabilities,
    kinds: kinds.map((kind) => checkKind(kind, readable.get(kind) ?? null, capabilities)),
    commands:
      granted === null ? [] : COMMANDS.map((command) => ({ command, missing: missingNeeds(command, kinds, granted) })),
    needless: needlessScopes(COMMANDS, kinds, granted ?? []),
    unattended: checkUnattended(options, granted ?? []),
    stores: await checkStores(options),
  };
}

function checkUnattended(
  { unattended: commands, kinds }: CheckOptions,
  granted: readonly string[],
): CheckReport['unattended'] {
  const useless = needlessScopes(COMMANDS, kinds, granted);
  const needless = needlessScopes(commands, kinds, granted).filter((scope) => !useless.includes(scope));
  return { commands, needless };
}

async function probeKinds(options: CheckOptions): Promise<Map<Kind, KindFailure | null>> {
  const results = new Map<Kind, KindFailure | null>();
  await Promise.all(
    options.kinds.map(async (kind) => {
      try {
        await probe(options.client, kind, options.signal);
        results.set(kind, null);
      } catch (error) {
        throwIfAborted(options.signal);
        if (isInstanceGone(error) || !isN8nError(error)) throw error;
        results.set(kind, failureOf(error));
      }
    }),
  );
  return results;
}

/** The smallest request that shows whether a kind can be read. */
async function probe(client: N8nClient, kind: Kind, signal: AbortSignal): Promise<void> {
  const { path, listed } = KIND[kind];
  switch (listed) {
    case 'pages':
      await client.get(path, { query: { limit: 1 }, signal });
      return;
    case 'whole':
      await client.get(path, { signal });
      return;
    case 'per-project':
      await probeFirstProject(client, path, signal);
  }
}

async function probeFirstProject(client: N8nClient, path: string, signal: AbortSignal): Promise<void> {
  const answer = await client.get('/projects', { query: { limit: 1 }, signal });
  const id = firstId(answer);
  if (id === null) throw new N8nError('invalid-answer', 'n8n lists no project, not even a personal one');
  await client.get(path.replace('{projectId}', segment(id)), { query: { take: 1 }, signal });
}

function firstId(answer: unknown): string | null {
  const [first] = isJsonObject(answer) ? objectsIn(answer.data) : [];
  return typeof first?.id === 'string' ? first.id : null;
}

async function readVersion(client: N8nClient, signal: AbortSignal): Promise<string | null> {
  try {
    const id = firstId(await client.get('/workflows', { query: { limit: 1 }, signal }));
    return id === null ? null : (await readSourceFromExport(client, id, signal)).version;
  } catch (error) {
    if (!isN8nError(error) || isInstanceGone(error)) throw error;
    return null;
  }
}

function checkKind(kind: Kind, failure: KindFailure | null, capabilities: Capabilities): KindCheck {
  const granted = capabilities.scopes;
  // A flag's own scope is missed when the flag is used; `restorable` reports what has a fallback.
  const missing =
    granted === 'unknown'
      ? []
      : missingNeeds('restore', [kind], granted).filter(
          (need) => need.use === 'restore' && need.kind === kind && need.onlyWith === undefined,
        );
  const blocking = missing.filter((need) => need.without === undefined);
  return {
    kind,
    failure,
    missing,
    restorable: blocking.length > 0 ? 'no-scope' : restorableOf(kind, capabilities),
  };
}

function restorableOf(kind: Kind, capabilities: Capabilities): Restorable {
  const { newId, restoreFlag, unique } = KIND[kind];
  if (restoreFlag !== null) return 'on-request';
  if (newId === 'own') return 'original-ids';
  if (newId === 'package' && capabilities.features['package-import'] === 'yes') return 'original-ids';
  return isList(kind) && unique !== null ? 'by-name' : 'new-ids';
}

type StoreCheck = CheckReport['stores'][number];

async function checkStores(options: CheckOptions): Promise<StoreCheck[]> {
  const checked = await Promise.all(options.stores.map((store) => checkStore(options, store)));
  const holdings = checked.map(({ store, snapshots = 0 }) => ({ store, snapshots }));
  return Promise.all(checked.map(async (each, index) => judgeEmpty(options, each, index, holdings)));
}

async function checkStore({ instance, signal }: CheckOptions, store: Store): Promise<StoreCheck> {
  const { weakness } = store;
  const where = { store: store.name, location: store.location, ...(weakness === undefined ? {} : { weakness }) };
  try {
    await store.check(signal);
    return { ...where, snapshots: (await store.list(instance, signal)).length };
  } catch (error) {
    throwIfAborted(signal);
    return { ...where, error };
  }
}

/** A store that lists nothing is fine before the first backup, and damage where something shows that it held some. */
async function judgeEmpty(
  { stores, instance, signal }: CheckOptions,
  checked: StoreCheck,
  index: number,
  holdings: readonly Holding[],
): Promise<StoreCheck> {
  const store = stores[index]!;
  if (checked.snapshots !== 0) return checked;
  try {
    const signs = await signsOfLoss(store, instance, holdings.toSpliced(index, 1), signal);
    return signs === null ? checked : { ...checked, error: emptyStore(store, instance, 'they are gone', signs) };
  } catch (error) {
    throwIfAborted(signal);
    return { ...checked, error };
  }
}
