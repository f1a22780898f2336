import { FlowkeepError, InterruptedError, messageOf } from '../../lib/errors.ts';
import { isList } from '../../kinds/kinds.ts';
import { Budget } from '../../diff/budget.ts';
import { compareSnapshots } from '../../diff/compare.ts';
import type { ItemDiff } from '../../diff/types.ts';
import { itemWords } from '../../diff/words.ts';
import type { ItemChange } from '../../snapshot/changes/changes.ts';
import { parsePath, safeId } from '../../snapshot/format/paths.ts';
import type { SnapshotView } from '../../snapshot/format/snapshot-view.ts';
import { detailKey, type ChangeDetails } from '../../snapshot/changes/subject.ts';

/** Changed workflows that are looked into: each is read on both sides. */
const MAX_WORKFLOWS = 50;
/** Items that are named of a kind that is one file. */
const MAX_NAMED = 5;

/**
 * What differs in the items that changed, in words, for the message of a snapshot: at most 50 workflows are looked
 * into, and no text line by line, since the words name places and not what stands there. Where the older snapshot cannot be read, the message says so instead: damage there must not keep a new one
 * from being taken.
 */
export async function changeDetails(
  before: SnapshotView,
  after: SnapshotView,
  changes: readonly ItemChange[],
): Promise<ChangeDetails> {
  const wanted = new Set([...workflowKeys(changes)].slice(0, MAX_WORKFLOWS).map((key) => `workflows/${key}`));
  // Rows of data tables are not read again for a line of a log.
  for (const { kind } of changes) if (isList(kind)) wanted.add(kind);
  if (wanted.size === 0) return new Map();
  try {
    const from = await inMemory(narrowed(before, wanted));
    const found = await compareSnapshots(from, narrowed(after, wanted), { budget: Budget.none() });
    return toDetails(
      changes,
      found.kinds.flatMap((kind) => kind.items),
    );
  } catch (error) {
    if (!(error instanceof FlowkeepError) || error instanceof InterruptedError || error.code === 'spool') throw error;
    const words = `could not be compared: ${messageOf(error)}`;
    return new Map(changes.filter(isWorkflowChange).map((change) => [detailKey(change), words]));
  }
}

function isWorkflowChange({ kind, change }: ItemChange): boolean {
  return kind === 'workflows' && change === 'changed';
}

function workflowKeys(changes: readonly ItemChange[]): Set<string> {
  return new Set(changes.filter(isWorkflowChange).map(({ key }) => key));
}

/** A side that has only the files of these kinds and workflows, and what says the names of projects and folders. */
function narrowed(view: SnapshotView, wanted: ReadonlySet<string>): SnapshotView {
  const files = [...view.files].filter(([path]) => {
    const { part = null, key = '' } = parsePath(path) ?? {};
    if (part === 'workflows') return wanted.has(`workflows/${key}`);
    return part === 'projects' || part === 'folders' || (part !== null && wanted.has(part));
  });
  return { ...view, files: new Map(files) };
}

/** The same side with its few files in memory: a git store starts a process for each reading. */
async function inMemory(view: SnapshotView): Promise<SnapshotView> {
  const contents = new Map<string, Uint8Array>();
  for await (const [path, content] of view.readMany(view.files.keys())) contents.set(path, content);
  return {
    ...view,
    async *readMany(paths) {
      for (const path of paths) {
        const content = contents.get(path);
        if (content) yield [path, content] as const;
      }
    },
  };
}

function toDetails(changes: readonly ItemChange[], items: readonly ItemDiff[]): ChangeDetails {
  const details = new Map<string, string>();
  const found = Map.groupBy(items, ({ kind, id }) => (kind === 'workflows' ? `${kind}/${safeId(id)}` : kind));
  for (const change of changes) {
    const { kind, path } = change;
    const own = found.get(kind === 'workflows' ? `${kind}/${parsePath(path)?.id}` : kind) ?? [];
    const words = change.kind === 'workflows' ? own.map(itemWords) : namedWords(own);
    if (own.length > 0 && words.join('') !== '') details.set(detailKey(change), words.join('; '));
  }
  return details;
}

/** `API_URL value changed; OLD_KEY removed` */
function namedWords(items: readonly ItemDiff[]): string[] {
  const named = items
    .slice(0, MAX_NAMED)
    .map((item) => `${item.name} ${item.change === 'changed' ? itemWords(item) : item.change}`);
  return items.length > named.length ? [...named, `and ${items.length - named.length} more`] : named;
}
