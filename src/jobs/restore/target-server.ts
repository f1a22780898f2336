import { readSourceFromExport } from '../../kinds/workflows/workflow-folders.ts';
import { isInstanceGone, isN8nError } from '../../n8n/http/errors.ts';
import type { ItemResult } from '../../restore/apply/results.ts';
import {
  isSameMark,
  judgeServer,
  liveServer,
  savedServer,
  type ServerVerdict,
} from '../../snapshot/changes/same-server.ts';
import type { ServerMark } from '../../snapshot/format/header.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import type { RestoreRun } from './restore-run.ts';

/**
 * Whether the target is the server that the snapshot is of. A restore that is to go to another instance, by its name,
 * goes to another server anyway, and a person who confirmed the target has answered already: then it is `same`.
 */
export async function judgeTarget(run: RestoreRun, live: SnapshotView): Promise<ServerVerdict> {
  if (!isOfTarget(run)) return 'same';
  const verdict = judgeServer(savedServer(run.snapshot), liveServer(live));
  if (verdict === 'same') return verdict;
  const confirmed = await run.documents.readServer();
  return isSameMark(confirmed ?? undefined, live.header.server) === true ? 'same' : verdict;
}

/**
 * Remembers, before anything is written, that the instance is this server from now on: somebody who restores into it
 * has said so, and neither the next backup nor a restore that is run again is to ask.
 */
export async function confirmTarget(run: RestoreRun, { header }: SnapshotView): Promise<void> {
  if (header.server === undefined || !isOfTarget(run) || (await isKnown(run, header.server))) return;
  await run.documents.writeServer(header.server);
}

/**
 * The same for a key that may not list users: then n8n's instance id tells, which an empty server does not say until a
 * workflow is there to be exported.
 */
export async function confirmRestored(
  run: RestoreRun,
  { header }: SnapshotView,
  items: readonly ItemResult[],
): Promise<void> {
  if (header.server !== undefined || !isOfTarget(run)) return;
  const there = items.find(({ kind, targetId }) => kind === 'workflows' && targetId !== null);
  if (there?.targetId == null) return;
  try {
    const { instanceId } = await readSourceFromExport(run.target.client, there.targetId, run.signal);
    if (instanceId !== null && !(await isKnown(run, { instanceId }))) await run.documents.writeServer({ instanceId });
  } catch (error) {
    // A server that serves no exports says nothing that the next backup could ask about.
    if (!isN8nError(error) || isInstanceGone(error)) throw error;
  }
}

/** Whether the next backup takes this server for the instance without a question, as far as marks tell. */
async function isKnown(run: RestoreRun, server: ServerMark): Promise<boolean> {
  const confirmed = await run.documents.readServer();
  return isSameMark(confirmed ?? run.snapshot.header.server, server) === true;
}

function isOfTarget({ snapshot, target }: RestoreRun): boolean {
  return snapshot.header.instance === target.instance;
}
