import type { Json } from '../lib/json/json.ts';
import type { Kind } from '../kinds/kinds.ts';
import type { Coverage } from '../snapshot/format/header.ts';

/**
 * What differs between two snapshots, as plain JSON: `flowkeep diff --json` prints it, and the terminal, the page and
 * the commit message are drawn from it.
 */
export interface SnapshotDiff {
  readonly from: DiffSide;
  readonly to: DiffSide;
  /** In the order of kinds; one for each kind that either side has. */
  readonly kinds: readonly KindDiff[];
}

export interface DiffSide {
  /** A snapshot's id, or `live`. */
  readonly id: string;
  readonly takenAt: string;
  readonly n8nVersion: string | null;
}

export interface KindDiff {
  readonly kind: Kind;
  /** null: not part of that snapshot. */
  readonly coverage: { readonly from: Coverage | null; readonly to: Coverage | null };
  /** false where one side could not see the kind: then nothing is said to be added or removed, and `notes` say why. */
  readonly compared: boolean;
  readonly notes: readonly string[];
  /** By name. */
  readonly items: readonly ItemDiff[];
  /**
   * Items with texts of which a part was withheld from a side, and that say the same around it: whether they differ
   * cannot be told. By name; absent where there are none.
   */
  readonly withheld?: readonly WithheldTexts[];
}

/** An item, and how many of its texts cannot be compared. */
export interface WithheldTexts {
  readonly id: string;
  readonly name: string;
  readonly texts: number;
}

export type Change = 'added' | 'removed' | 'changed';

export interface ItemDiff {
  readonly kind: Kind;
  readonly id: string;
  /** What it is called now; of a removed item, what it was called. */
  readonly name: string;
  readonly change: Change;
  /** Only places on the canvas, sizes of sticky notes and node groups differ. */
  readonly layoutOnly: boolean;
  /** What is said of the item itself; empty for an added or removed one. */
  readonly fields: readonly FieldChange[];
  /** Of a changed workflow: what differs in its draft. */
  readonly draft?: VersionDiff;
  /** Of a changed workflow: what differs in its live version, where that is not what differs in the draft. */
  readonly live?: VersionDiff;
  /** Of a data table. */
  readonly rows?: RowsDiff;
  /** What an added or removed item holds, in words: "12 nodes, published". */
  readonly holds?: string;
}

/** Two values at one place. A side that has nothing there is left out. */
export interface ValueChange {
  /** `headers[0].value`; '' for the value itself. */
  readonly path: string;
  readonly from?: Json;
  readonly to?: Json;
  /** For texts of several lines. */
  readonly lines?: readonly TextLine[];
  /** Too large to be compared in detail (`Budget`): the two values differ, and where is not said. */
  readonly coarse?: true;
}

/** One line of a text diff; `skipped` stands for that many equal lines. */
export type TextLine =
  | { readonly op: 'same' | 'added' | 'removed'; readonly text: string }
  | { readonly op: 'skipped'; readonly count: number };

/** A change of the item itself: `field` is its place (`settings.timezone`) or a word for it (`folder`, `tags`). */
export interface FieldChange extends Omit<ValueChange, 'path'> {
  readonly field: string;
  readonly layout?: boolean;
}

/** One version of a workflow against another: what runs. */
export interface VersionDiff {
  readonly nodes: readonly NodeDiff[];
  readonly wires: readonly WireDiff[];
  /** Wires that differ as well and are not listed, since their names are too long (`Budget`). */
  readonly moreWires?: { readonly added: number; readonly removed: number };
  /** Names of nodes whose wires are the same but in another order. */
  readonly reordered: readonly string[];
}

export interface NodeDiff {
  readonly change: Change;
  /** n8n's id of the node; '' where it has none. */
  readonly id: string;
  /** What it is called now; of a removed node, what it was called. */
  readonly name: string;
  readonly type: string;
  /** Empty for an added or removed node. */
  readonly changes: readonly NodeChange[];
  readonly layoutOnly: boolean;
}

export type Position = readonly [x: number, y: number];

export type NodeChange =
  | { readonly what: 'renamed'; readonly from: string; readonly to: string }
  | { readonly what: 'enabled' | 'disabled' }
  | { readonly what: 'type' | 'version'; readonly from: Json; readonly to: Json }
  | { readonly what: 'credential'; readonly type: string; readonly from?: string; readonly to?: string }
  | ({ readonly what: 'parameter' | 'setting' } & ValueChange)
  | { readonly what: 'moved'; readonly from: Position; readonly to: Position }
  /** Width and height of a sticky note. */
  | { readonly what: 'resized'; readonly from: string; readonly to: string };

/** A connection, by the names of its nodes. `type` is n8n's: `main`, `ai_tool`... Outputs and inputs count from 0. */
export interface Wire {
  readonly from: string;
  readonly type: string;
  readonly output: number;
  readonly to: string;
  readonly input: number;
}

export interface WireDiff extends Wire {
  readonly change: 'added' | 'removed';
}

export interface RowsDiff {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** The first of them; all where there are few. */
  readonly listed: readonly RowDiff[];
}

export interface RowDiff {
  readonly change: Change;
  readonly id: string;
  /** The columns that differ; of an added or removed row, all. */
  readonly columns: readonly ValueChange[];
}
