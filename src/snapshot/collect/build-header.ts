import { createHash } from 'node:crypto';
import type { Kind } from '../../resources/kinds.ts';
import { compareText } from '../../resources/fields.ts';
import { FORMAT_VERSION, type KindHeader, type SnapshotHeader } from '../header.ts';
import { partOf, type Part } from '../paths.ts';
import type { CollectOptions } from './collect-options.ts';
import type { KindOutcome } from './outcome.ts';

/** Makes `flowkeep.json` from what was read. */
export function buildHeader(
  options: CollectOptions,
  outcomes: ReadonlyMap<Kind, KindOutcome>,
  files: ReadonlyMap<string, { readonly sha256: string }>,
  n8nVersion: string | null,
): SnapshotHeader {
  const digests = digestParts(files);
  const kinds: Partial<Record<Kind, KindHeader>> = {};
  for (const kind of options.kinds) {
    const outcome = outcomes.get(kind);
    if (outcome) kinds[kind] = kindHeader(options, kind, outcome, digests.get(kind) ?? EMPTY);
  }
  return {
    format: FORMAT_VERSION,
    instance: options.instance,
    n8nVersion,
    kinds,
    workflowState: digests.get('workflow-state') ?? EMPTY,
  };
}

function kindHeader(
  options: CollectOptions,
  kind: Kind,
  outcome: KindOutcome,
  digest: PartDigest,
): KindHeader {
  if (outcome.failure) return carriedHeader(options, kind, outcome.failure, digest);
  const { items, rows, notes = [] } = outcome.content;
  return {
    coverage: 'complete',
    items,
    ...(rows === undefined ? {} : { rows }),
    ...digest,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** A kind that could not be read: what the base held, and the snapshot that it was really read for. */
function carriedHeader(
  options: CollectOptions,
  kind: Kind,
  failure: NonNullable<KindOutcome['failure']>,
  digest: PartDigest,
): KindHeader {
  const before = options.base?.header.kinds[kind];
  if (!before || digest.files === 0) return { ...failure, items: 0, ...digest };
  return {
    ...failure,
    items: before.items,
    ...(before.rows === undefined ? {} : { rows: before.rows }),
    ...digest,
    carriedFrom: before.carriedFrom ?? options.base.files.info.id,
  };
}

/** What identifies the files of a part: see docs/snapshot-format.md, "Digests". */
export interface PartDigest {
  readonly digest: string;
  readonly files: number;
}

const EMPTY: PartDigest = { digest: createHash('sha256').digest('hex'), files: 0 };

/** The digest of each part: SHA-256 over `path NUL sha256 LF` of its files in path order. */
export function digestParts(files: ReadonlyMap<string, { readonly sha256: string }>): Map<Part, PartDigest> {
  const hashes = new Map<Part, { hash: ReturnType<typeof createHash>; files: number }>();
  for (const path of [...files.keys()].sort(compareText)) {
    const part = partOf(path);
    if (!part) continue;
    const entry = hashes.get(part) ?? { hash: createHash('sha256'), files: 0 };
    entry.hash.update(`${path}\0${files.get(path)!.sha256}\n`);
    entry.files += 1;
    hashes.set(part, entry);
  }
  return new Map(
    [...hashes].map(([part, { hash, files: count }]) => [part, { digest: hash.digest('hex'), files: count }]),
  );
}
