import type { Change, TextLine } from '../types.ts';

/**
 * What the page is given, as JSON in data scripts: texts alone, so that nothing in it can run and no number loses
 * digits. src/diff/html/page/ reads it.
 */
export interface PageIndex {
  readonly mode: 'diff' | 'show';
  readonly title: string;
  /** Lines below the title: which snapshots, when, which n8n. */
  readonly about: readonly string[];
  /** What could not be read or compared. */
  readonly notes: readonly string[];
  readonly entries: readonly PageEntry[];
}

/** One line of the index; `data` names the script that holds the rest, which is read when the entry is chosen. */
export interface PageEntry {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  readonly change: Change | 'layout' | 'same';
  /** One line on what changed, or what it is. */
  readonly words: string;
  /** What the search looks at besides name and id. */
  readonly search: string;
  readonly data: string;
}

/** Everything about one workflow or another item. */
export interface PageItem {
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly changes: readonly Shown[];
  /** Of a workflow; null where it did not exist. */
  readonly before?: Drawing | null;
  readonly after?: Drawing | null;
}

/** One change, or with `to` alone one value. */
export interface Shown {
  readonly title: string;
  readonly from?: string;
  readonly to?: string;
  readonly lines?: readonly TextLine[];
}

export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  readonly wires: readonly DrawnWire[];
}

export interface DrawnNode {
  /** The same on both sides of a diff. */
  readonly key: string;
  readonly name: string;
  readonly type: string;
  readonly shape: 'node' | 'trigger' | 'parent' | 'sub' | 'sticky';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly disabled: boolean;
  readonly change: Change | 'moved' | 'same';
  /** Of a sticky note. */
  readonly text?: string;
  readonly colour?: number;
  readonly changes: readonly Shown[];
  readonly values: readonly Shown[];
}

export interface DrawnWire {
  /** Keys of nodes. */
  readonly from: string;
  readonly to: string;
  readonly type: string;
  /** Where it leaves and arrives: the how-manieth of how many handles on that side of the node. */
  readonly output: readonly [index: number, count: number];
  readonly input: readonly [index: number, count: number];
  readonly change: 'added' | 'removed' | 'same';
}
