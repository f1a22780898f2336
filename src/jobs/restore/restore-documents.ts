import * as z from 'zod';
import { FlowkeepError } from '../../lib/errors.ts';
import { canonicalJson } from '../../lib/json/json.ts';
import type { Logger } from '../../lib/logger.ts';
import { KINDS } from '../../kinds/kinds.ts';
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

/** What the next run has to know of a restore that did not end. */
export type Journal = z.infer<typeof journalDocument>;

/** What is done with a document that the store does not take for flowkeep's own. */
export interface DocumentTrust {
  /** Is told of it where it is ignored. */
  readonly logger: Logger;
  /** `--allow-unverified`: it is used. */
  readonly allowUnverified: boolean;
}

/** How often another writer may come first before that is an error. */
const MAX_CONFLICTS = 5;

/** The documents of the restores into one target. Reading and writing end with the run's signal. */
export class RestoreDocuments {
  readonly #store: Store;
  readonly #identityName: string;
  readonly #journalName: string;
  readonly #signal: AbortSignal;
  readonly #trust: DocumentTrust;
  readonly #ignored = new Set<string>();

  constructor(store: Store, target: string, signal: AbortSignal, trust: DocumentTrust) {
    this.#store = store;
    this.#trust = trust;
    this.#identityName = `${target}/identity.json`;
    this.#journalName = `${target}/restore-journal.json`;
    this.#signal = signal;
  }

  /** The mapping that earlier restores of this source instance into the target saved. */
  async readIdentity(source: string): Promise<IdPair[]> {
    const document = await this.#read(this.#identityName);
    return document ? [...(this.#parseIdentity(document).sources[source] ?? [])] : [];
  }

  /**
   * Adds pairs to the mapping; one that is there already for an item is replaced. Another writer's pairs are kept.
   * @param signal for what must be saved although the run is stopped
   */
  async addIdentity(source: string, pairs: readonly IdPair[], signal = this.#signal): Promise<void> {
    await this.#update(this.#identityName, signal, (document) => {
      const sources = document ? this.#parseIdentity(document).sources : {};
      const merged = new Map((sources[source] ?? []).map((pair) => [`${pair.kind}:${pair.from}`, pair]));
      for (const pair of pairs) merged.set(`${pair.kind}:${pair.from}`, { ...pair });
      return { flowkeepIdentity: 1, sources: { ...sources, [source]: [...merged.values()] } };
    });
  }

  /** The journal of a restore that did not end, or null. */
  async readJournal(): Promise<Journal | null> {
    const document = await this.#read(this.#journalName);
    return document && parseDocument(document, journalDocument, this.#journalName);
  }

  async writeJournal(journal: Journal): Promise<void> {
    await this.#update(this.#journalName, this.#signal, () => journal);
  }

  async removeJournal(): Promise<void> {
    const document = await this.#store.readDocument(this.#journalName, this.#signal);
    if (document) await this.#store.removeDocument(this.#journalName, document.version, this.#signal);
  }

  /** null also for one that somebody else may have written: it names what a restore changes and deletes. */
  async #read(name: string): Promise<StoredDocument | null> {
    const document = await this.#store.readDocument(name, this.#signal);
    return document && this.#isTrusted(name, document) ? document : null;
  }

  #isTrusted(name: string, { doubt }: StoredDocument): boolean {
    const { logger, allowUnverified } = this.#trust;
    if (doubt === undefined || allowUnverified) return true;
    if (!this.#ignored.has(name))
      logger.warn(
        { store: this.#store.name, document: name },
        `${name} in store ${this.#store.name} is ignored: ${doubt}. With --allow-unverified it is used. ` +
          'Without it, items that came back under new ids are not recognised',
      );
    this.#ignored.add(name);
    return false;
  }

  #parseIdentity(document: StoredDocument): z.infer<typeof identityDocument> {
    return parseDocument(document, identityDocument, this.#identityName);
  }

  async #update(name: string, signal: AbortSignal, change: (document: StoredDocument | null) => object): Promise<void> {
    for (let conflicts = 0; ; conflicts++) {
      const document = await this.#store.readDocument(name, signal);
      const known = document && this.#isTrusted(name, document) ? document : null;
      const content = Buffer.from(canonicalJson(change(known)));
      try {
        await this.#store.writeDocument(name, content, document?.version ?? null, signal);
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
