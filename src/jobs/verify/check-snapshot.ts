import { FlowkeepError, messageOf } from '../../lib/errors.ts';
import type { Progress } from '../../lib/progress.ts';
import { KINDS } from '../../kinds/kinds.ts';
import { readHeader, type SnapshotHeader } from '../../snapshot/format/header.ts';
import { findHostilePath } from '../../lib/hostile-paths.ts';
import { HEADER_PATH, parsePath, partOf } from '../../snapshot/format/paths.ts';
import { SnapshotItems } from '../../snapshot/format/references-resolve.ts';
import type { FileHashes } from '../../store/authenticity.ts';
import { isStoreError } from '../../store/errors.ts';
import type { SnapshotInfo, Store, StoredSnapshot } from '../../store/store.ts';
import { authenticityOf } from '../snapshots/authenticity.ts';
import { nameEdited } from '../snapshots/find-edited.ts';
import type { Findings } from './findings.ts';
import { inspectFile, type FileFacts } from './inspect-file.ts';
import { inspectStored, missingFiles } from './inspect-stored.ts';
import type { FileResult, Inspect, ObjectReader } from './object-cache.ts';

/** What the checks of one store's snapshots share. */
export interface CheckContext {
  readonly store: Store;
  readonly reader: ObjectReader;
  readonly findings: Findings;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

type Results = ReadonlyMap<string, FileResult>;

/**
 * Checks one snapshot: every file by itself, flowkeep.json against the files and the id, and the references between
 * them. `neighbours` are other snapshots of the instance that can tell which file was edited, the likeliest first.
 * @returns false where it is not there any more
 * @throws StoreError where the store cannot be read, as opposed to what is in it
 */
export async function checkSnapshot(
  context: CheckContext,
  info: SnapshotInfo,
  neighbours: readonly SnapshotInfo[],
): Promise<boolean> {
  const snapshot = await openChecked(context, info);
  if (snapshot === null) return true;
  if (snapshot === 'gone') return false;
  const hostile = findHostilePath([info.instance, ...snapshot.files.keys()]);
  if (hostile)
    context.findings.addSnapshot(info, `it has an entry ${JSON.stringify(hostile.path)}, which ${hostile.reason}`);
  if (snapshot.sealed) {
    await checkSealed(context, snapshot, snapshot.sealed);
    return true;
  }
  const results = await readSnapshot(context, snapshot, inspectFile);
  for (const [path, result] of results) reportFile(context, snapshot, path, result);
  const header = checkHeader(context, info, results);
  if (header === null) return true;
  checkReferences(context, info, header, snapshot.files.keys(), results);
  checkCounts(context, info, header, snapshot, results);
  await checkAuthenticity(context, snapshot, results, neighbours);
  return true;
}

/** Whether it is what flowkeep saved: what restore asks before it uses a snapshot. */
async function checkAuthenticity(
  context: CheckContext,
  snapshot: StoredSnapshot,
  results: Results,
  neighbours: readonly SnapshotInfo[],
): Promise<void> {
  const { findings, signal } = context;
  const read = snapshot.sealed?.stored ?? snapshot;
  const hashes = hashesOf(snapshot, results);
  const { info } = snapshot;
  const answer = await authenticityOf(snapshot, signal, hashes);
  if (answer.state === 'verified') return;
  if (answer.state === 'unauthenticated') return findings.addUnauthenticated(info, answer.reasons);
  // Each of the files by itself, unless reading has told of it.
  for (const path of answer.files?.paths.filter((each) => !isFaulty(results.get(each))) ?? [])
    findings.addDamaged(info, path, objectAt(read, path), `${path} is not the file that the index names`);
  const [first, ...more] = answer.reasons.filter((reason) => reason !== answer.files?.reason);
  if (first === undefined) return;
  const named =
    info.digest === null
      ? ''
      : await nameEdited(info.digest, hashes, neighbours, (other) => neighbourHashes(context, other));
  findings.addSnapshot(info, `${first}${named}`);
  for (const reason of more) findings.addSnapshot(info, reason);
}

function isFaulty(result: FileResult | undefined): boolean {
  return result !== undefined && ('damage' in result || result.facts.problems.length > 0);
}

function objectAt(snapshot: StoredSnapshot, path: string): string | undefined {
  return snapshot.files.has(path) ? snapshot.objectOf?.(path) : undefined;
}

/** Checks what is stored of an encrypted snapshot that no identity opens, and says that its content was not read. */
async function checkSealed(
  context: CheckContext,
  snapshot: StoredSnapshot,
  sealed: NonNullable<StoredSnapshot['sealed']>,
): Promise<void> {
  const { info } = snapshot;
  const { stored } = sealed;
  const results = await readSnapshot(context, stored, inspectStored(sealed));
  for (const [path, result] of results) reportFile(context, stored, path, result);
  for (const path of missingFiles(sealed))
    context.findings.addSnapshot(info, `its index lists ${path}, which is missing`);
  checkHeader(context, info, results);
  await checkAuthenticity(context, snapshot, results, []);
  context.findings.addUnread(info, sealed.error);
}

/** null: it cannot be opened, which the findings then say. */
async function openChecked(
  { store, findings, signal }: CheckContext,
  info: SnapshotInfo,
): Promise<StoredSnapshot | 'gone' | null> {
  try {
    return await store.open(info.instance, info.id, signal);
  } catch (error) {
    if (isStoreError(error, 'not-found')) return 'gone';
    if (!isStoreError(error, 'integrity') && !isStoreError(error, 'format')) throw error;
    findings.addSnapshot(info, messageOf(error));
    return null;
  }
}

async function readSnapshot(context: CheckContext, snapshot: StoredSnapshot, inspect: Inspect): Promise<Results> {
  const { reader, progress, store } = context;
  progress.start(`Verifying ${snapshot.info.id} in ${store.name}`, snapshot.files.size);
  try {
    return await reader.readAll(snapshot, snapshot.files.keys(), (done) => progress.update(done), inspect);
  } finally {
    progress.done();
  }
}

function reportFile({ findings }: CheckContext, snapshot: StoredSnapshot, path: string, result: FileResult): void {
  const { info } = snapshot;
  const object = snapshot.objectOf?.(path);
  if ('damage' in result) return findings.addDamaged(info, path, object, result.damage);
  for (const problem of result.facts.problems) findings.addMalformed(info, path, object, problem);
}

/** The header where it can be used; its faults are among the findings. */
function checkHeader({ findings }: CheckContext, info: SnapshotInfo, results: Results): SnapshotHeader | null {
  const result = results.get(HEADER_PATH);
  if (result === undefined) findings.addSnapshot(info, `there is no ${HEADER_PATH}`);
  const bytes = result && 'facts' in result ? result.facts.header : null;
  if (bytes === null) return null;
  try {
    const header = readHeader(bytes, info.id);
    if (header.instance !== info.instance)
      findings.addSnapshot(info, `${HEADER_PATH} is that of instance ${JSON.stringify(header.instance)}`);
    return header;
  } catch (error) {
    if (!(error instanceof FlowkeepError) || error.code !== 'snapshot-format') throw error;
    findings.addMalformed(info, HEADER_PATH, undefined, messageOf(error));
    return null;
  }
}

function checkReferences(
  { findings }: CheckContext,
  info: SnapshotInfo,
  header: SnapshotHeader,
  paths: Iterable<string>,
  results: Results,
): void {
  const items = new SnapshotItems(header, paths);
  const facts = factsByPath(results);
  for (const [path, { listed }] of facts) {
    const kind = KINDS.find((each) => each === partOf(path));
    if (kind) items.addListed(kind, listed);
  }
  for (const { references } of facts.values())
    for (const reference of references) if (!items.resolves(reference)) findings.addDangling(info, reference);
}

/** Items and rows as flowkeep.json counts them, for each kind whose files were all read. */
function checkCounts(
  { findings }: CheckContext,
  info: SnapshotInfo,
  header: SnapshotHeader,
  snapshot: StoredSnapshot,
  results: Results,
): void {
  const facts = factsByPath(results);
  for (const kind of KINDS) {
    const entry = header.kinds[kind];
    const paths = [...snapshot.files.keys()].filter((path) => partOf(path) === kind);
    if (!entry || paths.length === 0 || !paths.every((path) => facts.has(path))) continue;
    const items = paths.reduce((sum, path) => sum + itemsIn(path, facts.get(path)?.listed.length ?? 0), 0);
    const rows = paths.reduce((sum, path) => sum + (facts.get(path)?.rows ?? 0), 0);
    if (items !== entry.items)
      findings.addSnapshot(info, `flowkeep.json counts ${entry.items} ${kind}, and there are ${items}`);
    if (entry.rows !== undefined && rows !== entry.rows)
      findings.addSnapshot(info, `flowkeep.json counts ${entry.rows} rows, and there are ${rows}`);
  }
}

/** How many items of its kind a file holds. */
function itemsIn(path: string, listed: number): number {
  switch (parsePath(path)?.role) {
    case 'list':
      return listed;
    case 'draft':
    case 'credential':
    case 'table':
      return 1;
    default:
      return 0;
  }
}

function factsByPath(results: Results): Map<string, FileFacts> {
  const facts = new Map<string, FileFacts>();
  for (const [path, result] of results) if ('facts' in result) facts.set(path, result.facts);
  return facts;
}

function hashesOf(snapshot: StoredSnapshot, results: Results): FileHashes {
  const hashes = new Map<string, string | null>();
  for (const path of snapshot.files.keys()) {
    const result = results.get(path);
    hashes.set(path, result && 'facts' in result ? result.facts.sha256 : null);
  }
  return hashes;
}

async function neighbourHashes({ store, reader, signal }: CheckContext, info: SnapshotInfo): Promise<FileHashes> {
  const snapshot = await store.open(info.instance, info.id, signal);
  return hashesOf(snapshot, await reader.readAll(snapshot, snapshot.files.keys(), () => undefined));
}
