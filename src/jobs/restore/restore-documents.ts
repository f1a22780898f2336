import * as z from 'zod';
import { FlowkeepError } from '../../lib/errors.ts';
import { sha256 } from '../../lib/hash.ts';
import { canonicalJson } from '../../lib/json/json.ts';
import type { Logger } from '../../lib/logger.ts';
import { KINDS } from '../../kinds/kinds.ts';
import type { ServerMark } from '../../snapshot/format/header.ts';
import type { IdPair } from '../../restore/plan/types.ts';
import { isStoreError } from '../../store/errors.ts';
import type { Store, StoredDocument } from '../../store/store.ts';

/**
 * What restores keep beside the snapshots, in the folder of the instance that they write to: which id an item has
 * there (`identity.json`, for each instance that snapshots came from), that a restore is under way
 * (`restore-journal.json`), and that somebody confirmed which server the instance is (`server.json`).
 */
const identityDocument = z.object({
  flowkeepIdentity: z.literal(1),
  /** By the name of the instance that the snapshot is of. */
  sources: z.record(
    z.string(),
    z.array(z.object({ kind: z.enum(KINDS), from: z.string(), to: z.string().nullable() })),
  ),
});

const ids = z.array(z.string()).readonly();
const journalDocument = z.object({
  flowkeepRestoreJournal: z.literal(1),
  startedAt: z.string(),
  snapshot: z.string(),
  /** What the target had when the first of the interrupted runs began. */
  before: z.record(z.string(), ids),
  /** Credentials that are there for the time of the run alone. */
  temporaryCredentials: ids,
  /** Credentials of the snapshot that came back, or were to, without their secret. */
  stubs: ids,
});

const serverDocument = z.object({
  flowkeepServer: z.literal(1),
  owner: z.string().optional(),
  instanceId: z.string().optional(),
});

/** What the next run has to know of a restore that did not end. */
export type Journal = z.infer<typeof journalDocument>;

/** What is done with a document that the store does not take for flowkeep's own. */
export interface DocumentTrust {
  /** Is told of it where it is ignored. */
  readonly logger: Logger;
  /** `--allow-unverified`: it is used. */
  readonly allowUnverified: boolean;
}

/** What is missed while a document is ignored. */
const MISSED = {
  'identity.json': 'items that came back under new ids are not recognised',
  'restore-journal.json': 'nothing is known of a restore that was interrupted: what it left behind stays',
  'server.json': 'the snapshots alone say which server the instance is',
};
type DocumentName = keyof typeof MISSED;

/** How often another writer may come first before that is an error. */
const MAX_CONFLICTS = 5;

/** The documents of the restores into one target. Reading and writing end with the run's signal. */
export class RestoreDocuments {
  /** The name of the store that keeps them. */
  readonly store: string;
  readonly #store: Store;
  readonly #target: string;
  readonly #signal: AbortSignal;
  readonly #trust: DocumentTrust;
  readonly #ignored = new Set<DocumentName>();

  constructor(store: Store, target: string, signal: AbortSignal, trust: DocumentTrust) {
    this.store = store.name;
    this.#store = store;
    this.#target = target;
    this.#signal = signal;
    this.#trust = trust;
  }

  /** The mapping that earlier restores of this source instance into the target saved. */
  async readIdentity(source: string): Promise<IdPair[]> {
    const document = await this.#read('identity.json');
    return document ? [...(this.#parseIdentity(document).sources[source] ?? [])] : [];
  }

  /**
   * Adds pairs to the mapping; one that is there already for an item is replaced. Another writer's pairs are kept.
   * @param signal for what must be saved although the run is stopped
   */
  async addIdentity(source: string, pairs: readonly IdPair[], signal = this.#signal): Promise<void> {
    await this.#update('identity.json', signal, (document) => {
      const sources = document ? this.#parseIdentity(document).sources : {};
      const merged = new Map((sources[source] ?? []).map((pair) => [`${pair.kind}:${pair.from}`, pair]));
      for (const pair of pairs) merged.set(`${pair.kind}:${pair.from}`, { ...pair });
      return { flowkeepIdentity: 1, sources: { ...sources, [source]: [...merged.values()] } };
    });
  }

  /** The journal of a restore that did not end, or null. */
  async readJournal(): Promise<Journal | null> {
    const document = await this.#read('restore-journal.json');
    return document && parseDocument(document, journalDocument, this.#pathOf('restore-journal.json'));
  }

  /** The server that somebody confirmed to be the instance, or null. */
  async readServer(): Promise<ServerMark | null> {
    const document = await this.#read('server.json');
    if (document === null) return null;
    const { owner, instanceId } = parseDocument(document, serverDocument, this.#pathOf('server.json'));
    return { ...(owner === undefined ? {} : { owner }), ...(instanceId === undefined ? {} : { instanceId }) };
  }

  async writeServer({ owner, instanceId }: ServerMark): Promise<void> {
    await this.#update('server.json', this.#signal, () => ({ flowkeepServer: 1, owner, instanceId }));
  }

  async writeJournal(journal: Journal): Promise<void> {
    await this.#update('restore-journal.json', this.#signal, () => journal);
  }

  async removeJournal(): Promise<void> {
    const path = this.#pathOf('restore-journal.json');
    const document = await this.#store.readDocument(path, this.#signal);
    if (document) await this.#store.removeDocument(path, document.version, this.#signal);
  }

  #pathOf(name: DocumentName): string {
    return `${this.#target}/${name}`;
  }

  /** null also for one that somebody else may have written: it names what a restore changes and deletes. */
  async #read(name: DocumentName): Promise<StoredDocument | null> {
    const document = await this.#store.readDocument(this.#pathOf(name), this.#signal);
    return document && this.#isTrusted(name, document) ? document : null;
  }

  #isTrusted(name: DocumentName, document: StoredDocument): boolean {
    if (document.doubt === undefined || this.#trust.allowUnverified) return true;
    if (!this.#ignored.has(name)) this.#warnOfIgnored(name, document);
    this.#ignored.add(name);
    return false;
  }

  #warnOfIgnored(name: DocumentName, document: StoredDocument): void {
    const { name: store } = this.#store;
    const path = this.#pathOf(name);
    this.#trust.logger.warn(
      { store, document: path },
      `${path} in store ${store} is ignored: ${document.doubt}. With --allow-unverified it is used. Without it, ` +
        `${MISSED[name]}. Where flowkeep writes its own, this one is kept as ${this.#asidePathOf(name, document)}`,
    );
  }

  /** A name for each content: setting another one aside later overwrites nothing. */
  #asidePathOf(name: DocumentName, { content }: StoredDocument): string {
    return this.#pathOf(name).replace(/\.json$/, `.ignored-${sha256(content).slice(0, 8)}.json`);
  }

  /** What was ignored may be genuine, of a flowkeep that wrote no codes: nothing else has the ids that it maps. */
  async #setAside(name: DocumentName, document: StoredDocument, signal: AbortSignal): Promise<void> {
    const path = this.#asidePathOf(name, document);
    const there = await this.#store.readDocument(path, signal);
    if (there && Buffer.compare(there.content, document.content) === 0) return;
    await this.#store.writeDocument(path, document.content, there?.version ?? null, signal);
  }

  #parseIdentity(document: StoredDocument): z.infer<typeof identityDocument> {
    return parseDocument(document, identityDocument, this.#pathOf('identity.json'));
  }

  async #update(
    name: DocumentName,
    signal: AbortSignal,
    change: (document: StoredDocument | null) => object,
  ): Promise<void> {
    for (let conflicts = 0; ; conflicts++) {
      const document = await this.#store.readDocument(this.#pathOf(name), signal);
      const known = document && this.#isTrusted(name, document) ? document : null;
      const content = Buffer.from(canonicalJson(change(known)));
      try {
        if (document && !known) await this.#setAside(name, document, signal);
        await this.#store.writeDocument(this.#pathOf(name), content, document?.version ?? null, signal);
        return;
      } catch (error) {
        if (!isStoreError(error, 'conflict') || conflicts >= MAX_CONFLICTS) throw error;
      }
    }
  }
}

function parseDocument<T>(document: StoredDocument, schema: z.ZodType<T>, name: string): T {
  const text = Buffer.from(document.content).toString('utf8');
  const result = schema.safeParse(parseText(text));
  if (result.success) return result.data;
  throw new FlowkeepError('store-document', `${name} in the store is not as flowkeep wrote it`, {
    remedy:
      'A newer flowkeep may have written it: use that one. If it was edited by hand, restore the ' +
      'original, or remove it: ' +
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
