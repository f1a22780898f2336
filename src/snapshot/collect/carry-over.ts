import type { Kind } from '../../kinds/kinds.ts';
import { partOf, type Part } from '../format/paths.ts';
import type { CollectOptions } from './collect-options.ts';
import type { StagedFiles } from './staged-files.ts';
import type { KindOutcome } from './outcome.ts';

/** The parts of a snapshot that a kind's files make up. */
export function partsOf(kind: Kind): readonly Part[] {
  return kind === 'workflows' ? ['workflows', 'workflow-state'] : [kind];
}

/**
 * Puts what the base held of each kind that could not be read in place of what was read of it: half a kind would look
 * like a deletion of the other half.
 */
export async function carryOver(
  options: CollectOptions,
  outcomes: ReadonlyMap<Kind, KindOutcome>,
  staged: StagedFiles,
): Promise<void> {
  const parts = new Set<Part>();
  for (const [kind, outcome] of outcomes) if (outcome.failure) for (const part of partsOf(kind)) parts.add(part);
  if (parts.size === 0) return;
  const concerned = (path: string): boolean => {
    const part = partOf(path);
    return part !== null && parts.has(part);
  };
  for (const path of [...staged.files.keys()].filter(concerned)) staged.drop(path);
  const { base } = options;
  if (!base) return;
  const paths = [...base.files.keys()].filter(concerned);
  if (paths.length === 0) return;
  if (base.sealed) {
    for (const path of paths) staged.keep(path, base.sealed.keep(path));
    return;
  }
  for await (const [path, content] of base.readMany(paths, options.signal)) staged.put(path, content);
}
