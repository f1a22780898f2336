import { DEFAULT_KINDS, KINDS } from '../../kinds/kinds.ts';
import { createdSince, findAdopted } from '../../restore/plan/select/adopt.ts';
import type { PlanInput } from '../../restore/plan/context.ts';
import { readCredentialsFile, type CredentialData } from '../../restore/target/credentials-file.ts';
import type { SnapshotModel } from '../../restore/model/model.ts';
import { targetDigest } from '../../restore/plan/output/plan-file.ts';
import { planRestore } from '../../restore/plan/plan.ts';
import { readUsers } from '../../restore/target/probe.ts';
import { fillOmitted } from '../../restore/plan/compare/omitted.ts';
import { readModel } from '../../restore/model/read-model.ts';
import { References } from '../../restore/model/references.ts';
import type { Capabilities, Plan } from '../../restore/plan/types.ts';
import { collect, type Collected } from '../../snapshot/collect/collect.ts';
import type { CollectOptions } from '../../snapshot/collect/collect-options.ts';
import type { Journal } from './restore-documents.ts';
import type { RestoreRun } from './restore-run.ts';
import { mergeIdentities, readMemory, type Remembered } from './shared-memory.ts';
import { judgeTarget } from './target-server.ts';

/** What a restore knows before it writes. */
export interface Prepared {
  /** The target as it is now. */
  readonly collected: Collected;
  readonly input: PlanInput;
  readonly plan: Plan;
  readonly credentials: CredentialData;
  readonly interrupted: Journal | null;
  readonly memory: Remembered;
}

/** Reads the target. What a snapshot holds of it saves requests. */
export async function readTarget(
  { target, options, openSpool, logger, progress, signal }: RestoreRun,
  base: CollectOptions['base'],
  startedAt: number,
  more: Pick<CollectOptions, 'withoutDetails' | 'compareOnly'> = {},
): Promise<Collected> {
  return collect({
    ...target,
    // Users are personal data, and read only where the restore is to invite the missing ones.
    kinds: options.inviteUsers ? KINDS : DEFAULT_KINDS,
    base,
    startedAt,
    ...more,
    openSpool,
    logger,
    progress,
    signal,
  });
}

/** What does not change while a restore waits for another run. */
export interface Known {
  readonly source: SnapshotModel;
  readonly capabilities: Capabilities;
}

/** Makes the plan, with all that it follows from. */
export async function prepare(
  run: RestoreRun,
  collected: Collected,
  { source, capabilities }: Known,
): Promise<Prepared> {
  const { options, target } = run;
  const [read, memory, users, server] = await Promise.all([
    readModel(collected, run.signal),
    readMemory(run, source.header.instance),
    hasMembers(source) ? readUsers(target.client) : null,
    judgeTarget(run, collected),
  ]);
  const { interrupted } = memory;
  warnOfOther(run, interrupted);
  const saved = mergeIdentities(memory.identities, read);
  const live = withoutTemporary(read, interrupted?.temporaryCredentials ?? []);
  const credentials = await readCredentials(run, source);
  const adopted = interrupted ? findAdopted(source, live, interrupted.before, saved) : [];
  const filled = await fillOmitted({ source, live, saved, adopted });
  const input: PlanInput = {
    ...filled,
    references: new References(filled.source),
    live,
    target: {
      instance: target.instance,
      url: target.client.url,
      digest: targetDigest(collected.header, collected.files),
    },
    options,
    capabilities,
    saved,
    adopted,
    unfinished: interrupted ? createdSince(live, interrupted.before) : new Set(),
    filledCredentials: new Set(credentials.keys()),
    users,
    unverified: run.unverified,
    ...(server === 'moved' || server === 'foreign' ? { otherServer: server } : {}),
  };
  return { collected, input, plan: await planRestore(input), credentials, interrupted, memory };
}

/** Whether there are people to be put into projects: for nothing else the users of the target are looked at. */
function hasMembers({ projects }: SnapshotModel): boolean {
  return [...projects.values()].some(({ personal, members }) => !personal && (members ?? []).length > 0);
}

/** Credentials that an interrupted run left behind count as gone: apply removes them first. */
function withoutTemporary(live: SnapshotModel, ids: readonly string[]): SnapshotModel {
  if (ids.length === 0) return live;
  const credentials = new Map([...live.credentials].filter(([id]) => !ids.includes(id)));
  return { ...live, credentials };
}

/** A restore that was interrupted is completed by running it again; another one leaves a mixture of the two. */
function warnOfOther({ snapshot, logger }: RestoreRun, interrupted: Journal | null): void {
  if (!interrupted || interrupted.snapshot === snapshot.id) return;
  logger.warn(
    { interrupted: interrupted.snapshot, startedAt: interrupted.startedAt },
    `a restore of snapshot ${interrupted.snapshot} was interrupted; run that one again to complete it`,
  );
}

async function readCredentials({ credentialsFile }: RestoreRun, source: SnapshotModel): Promise<CredentialData> {
  if (!credentialsFile) return new Map();
  const { text, path, resolvers } = credentialsFile;
  return readCredentialsFile(text, path, source, resolvers);
}

/** Source ids of the credentials that come back without a secret, those of an interrupted run among them. */
export function stubsIn({ plan, input, interrupted }: Prepared): string[] {
  const created = plan.actions.flatMap((action) =>
    action.verb === 'create' && action.kind === 'credentials' ? [action.sourceId] : [],
  );
  const all = new Set([...(interrupted?.stubs ?? []), ...created]);
  return [...all].filter((id) => !input.filledCredentials.has(id));
}
