import type { Kind } from '../../kinds/kinds.ts';
import { FORMAT_VERSION, isHeld, type KindHeader, type SnapshotHeader } from '../format/header.ts';
import type { CollectOptions } from './collect-options.ts';
import type { KindOutcome } from './outcome.ts';
import type { ServerAnswers } from './server.ts';

/** Makes `flowkeep.json` from what was read. */
export function buildHeader(
  options: CollectOptions,
  outcomes: ReadonlyMap<Kind, KindOutcome>,
  { version: n8nVersion, mark: server }: ServerAnswers,
): SnapshotHeader {
  const kinds: Partial<Record<Kind, KindHeader>> = {};
  for (const kind of options.kinds) {
    const outcome = outcomes.get(kind);
    if (outcome) kinds[kind] = kindHeader(options, kind, outcome);
  }
  return { format: FORMAT_VERSION, instance: options.instance, n8nVersion, ...(server && { server }), kinds };
}

function kindHeader(options: CollectOptions, kind: Kind, outcome: KindOutcome): KindHeader {
  if (outcome.failure) return carriedHeader(options, kind, outcome.failure);
  const { items, rows, notes = [] } = outcome.content;
  return {
    coverage: 'complete',
    items,
    ...(rows === undefined ? {} : { rows }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** A kind that could not be read: what the base held, and the snapshot that it was really read for. */
function carriedHeader(options: CollectOptions, kind: Kind, failure: NonNullable<KindOutcome['failure']>): KindHeader {
  const before = options.base?.header.kinds[kind];
  if (!before || !isHeld(before)) return { ...failure, items: 0 };
  return {
    ...failure,
    items: before.items,
    ...(before.rows === undefined ? {} : { rows: before.rows }),
    carriedFrom: before.carriedFrom ?? options.base.id,
    ...(before.withheld === undefined ? {} : { withheld: before.withheld }),
    ...(before.typedMarkers === undefined ? {} : { typedMarkers: before.typedMarkers }),
  };
}
