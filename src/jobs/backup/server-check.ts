import { FlowkeepError } from '../../lib/errors.ts';
import {
  describeMark,
  isSameMark,
  judgeServer,
  liveServer,
  savedServer,
  type KnownServer,
  type ServerVerdict,
} from '../../snapshot/changes/same-server.ts';
import type { ServerMark } from '../../snapshot/format/header.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { Store } from '../../store/store.ts';
import { RestoreDocuments } from '../restore/restore-documents.ts';
import type { SavedSnapshot } from '../snapshots/saved-snapshot.ts';
import type { BackupRun } from './backup-types.ts';
import type { BackupTarget } from './backup-target.ts';

/**
 * Keeps the snapshots of two servers apart. Which server an instance is says the newest regular snapshot, or a person
 * who confirmed another one (`backup --confirm`, a restore into it): the latter is a document in the store.
 */
export class ServerCheck {
  readonly #run: BackupRun;
  readonly #confirmed = new Map<Store, Promise<ServerMark | null>>();

  constructor(run: BackupRun) {
    this.#run = run;
  }

  /**
   * The question in short, before anything is written: the documents are read only where a snapshot is of another
   * server.
   * @throws FlowkeepError `other-server`
   */
  async requireLikely(targets: readonly BackupTarget[], reading: SnapshotView): Promise<void> {
    for (const target of targets) {
      if (target.regular === null || !isOther(judge(target.regular, reading).verdict)) continue;
      await this.require(target, reading);
    }
  }

  /** Before a snapshot is saved. With `confirm` nothing is asked. @throws FlowkeepError `other-server` */
  async require({ store, regular }: BackupTarget, view: SnapshotView): Promise<void> {
    if (regular === null || this.#run.confirm === true) return;
    const { verdict, before, live } = judge(regular, view);
    const confirmed = await this.#confirmedFor(store, live.mark);
    const isConfirmed = isSameMark(confirmed ?? undefined, live.mark);
    if (isConfirmed === true || verdict === 'empty') return;
    const found = verdict === 'same' && isConfirmed === false ? 'moved' : verdict;
    if (!isOther(found)) return;
    const known = { ...before, mark: isConfirmed === false && confirmed ? confirmed : before.mark };
    throw otherServer(this.#run, { store, regular, verdict: found, before: known, live });
  }

  /** Remembers that somebody confirmed this server, so that nobody is asked again. */
  async confirm({ store, regular }: BackupTarget, view: SnapshotView): Promise<void> {
    const { server } = view.header;
    if (regular === null || server === undefined) return;
    const confirmed = await this.#read(store);
    const isKnown = isSameMark(confirmed ?? undefined, server) === true;
    if (isKnown || (confirmed === null && judge(regular, view).verdict === 'same')) return;
    await this.#documents(store).writeServer(server);
  }

  /** What was confirmed in this store, or, where nothing was, in another one for this very server. */
  async #confirmedFor(store: Store, live: ServerMark | undefined): Promise<ServerMark | null> {
    const own = await this.#read(store);
    if (own !== null) return own;
    for (const other of this.#run.stores) {
      if (other === store) continue;
      // What cannot be read there is that store's failure, not this one's.
      const confirmed = await this.#read(other).catch(() => null);
      if (confirmed !== null && isSameMark(confirmed, live) === true) return confirmed;
    }
    return null;
  }

  #read(store: Store): Promise<ServerMark | null> {
    const known = this.#confirmed.get(store) ?? this.#documents(store).readServer();
    this.#confirmed.set(store, known);
    return known;
  }

  #documents(store: Store): RestoreDocuments {
    const { instance, logger, signal } = this.#run;
    return new RestoreDocuments(store, instance, signal, { logger, allowUnverified: false });
  }
}

function judge(
  regular: SnapshotView,
  view: SnapshotView,
): { verdict: ServerVerdict; before: KnownServer; live: KnownServer } {
  const [before, live] = [savedServer(regular), liveServer(view)];
  return { verdict: judgeServer(before, live), before, live };
}

function isOther(verdict: ServerVerdict): verdict is 'moved' | 'foreign' {
  return verdict === 'moved' || verdict === 'foreign';
}

interface Found {
  readonly store: Store;
  readonly regular: SavedSnapshot;
  readonly verdict: 'moved' | 'foreign';
  readonly before: KnownServer;
  readonly live: KnownServer;
}

function otherServer({ instance, client }: BackupRun, found: Found): FlowkeepError {
  const { store, regular, verdict, before, live } = found;
  const common = [...before.ids].filter((id) => live.ids.has(id)).length;
  const items =
    verdict === 'foreign'
      ? 'they have no workflow, credential or data table in common'
      : `they have ${common} of ${before.ids.size} workflows, credentials and data tables in common`;
  return new FlowkeepError(
    'other-server',
    `nothing was saved: the n8n at ${client.url} (${describeMark(live.mark)}) is not the server that the snapshots of ` +
      `${instance} in store ${store.name} (${store.location}) are of (${describeMark(before.mark)} in ${regular.id}); ` +
      `${items}`,
    {
      remedy:
        'If these are two servers, give this one a name of its own: FLOWKEEP_INSTANCE, or another name below ' +
        '`instances` in the config. If this one takes the place of the other, say so once: ' +
        `flowkeep backup --instance ${instance} --confirm`,
    },
  );
}
