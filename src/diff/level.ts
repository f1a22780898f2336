import type { JsonObject } from '../lib/json/json.ts';
import { omit } from '../kinds/fields.ts';
import type { Kind } from '../kinds/kinds.ts';
import type { Omitted } from '../snapshot/format/header.ts';
import { maskLike } from '../snapshot/treat/fill.ts';
import type { SnapshotView } from '../snapshot/format/snapshot-view.ts';
import type { WorkflowSide } from './workflow/workflow.ts';

/** Two sides, one of which may have been saved without what the other has: what either lacks is no difference. */
interface Sides {
  readonly from: SnapshotView;
  readonly to: SnapshotView;
}

/** Two states of an item as they are compared: redacted on one side is redacted on both. */
export function levelItems(
  sides: Sides,
  kind: Kind,
  before: JsonObject,
  after: JsonObject,
): [before: JsonObject, after: JsonObject] {
  const left = leftOut(sides, kind).filter((key) => !(Object.hasOwn(before, key) && Object.hasOwn(after, key)));
  const [old, now] = [omit(before, left), omit(after, left)];
  return [maskLike(old, now), maskLike(now, old)];
}

/** The same for a workflow, draft and live version. */
export function levelWorkflows(
  sides: Sides,
  before: WorkflowSide,
  after: WorkflowSide,
): [before: WorkflowSide, after: WorkflowSide] {
  const [old, now] = levelItems(sides, 'workflows', before.draft, after.draft);
  const [wasLive, isLive] = [before.published, after.published];
  return [
    { ...before, draft: old, published: wasLive && maskLike(wasLive, isLive ?? after.draft) },
    { ...after, draft: now, published: isLive && maskLike(isLive, wasLive ?? before.draft) },
  ];
}

/** Members that one of the sides does not keep. */
function leftOut({ from, to }: Sides, kind: Kind): string[] {
  const omitted = [from, to].flatMap(({ header }) => header.kinds[kind]?.withheld ?? []);
  return omitted.flatMap((what) => MEMBERS[what] ?? []);
}

const MEMBERS: Readonly<Partial<Record<Omitted, string>>> = { pinData: 'pinData', values: 'value' };
