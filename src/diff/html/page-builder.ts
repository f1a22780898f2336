// The HTML page that draws workflows and their changes. Content reaches the page as JSON only, never as
// markup; `page/` holds the scripts that run in the browser.

import type { JsonObject } from '../../lib/json/json.ts';
import { compareText, objectsIn, textMember, textOf } from '../../kinds/fields.ts';
import { Budget } from '../budget.ts';
import { ignoreLayout } from '../totals.ts';
import type { ItemDiff, SnapshotDiff, VersionDiff } from '../types.ts';
import { diffVersion, withoutLayout } from '../version.ts';
import { itemWords } from '../words.ts';
import { folderPath, sharing } from '../names.ts';
import { holdsWords, type WorkflowSide } from '../workflow/workflow.ts';
import { drawPair } from './drawing.ts';
import type { PageEntry, PageItem } from './page-data.ts';
import { renderPage } from './render.ts';
import { fieldsShown, liveShown, rowsShown } from './shown.ts';

/** Characters of node names and types that the search of one workflow looks at. */
const SEARCH_LENGTH = 2000;

/** Gathers what a page shows, each workflow as the JSON that goes into it, so that no workflow stays in memory. */
export class PageBuilder {
  readonly #data = new Map<string, string>();
  readonly #workflows: PageEntry[] = [];
  readonly #ignoreLayout: boolean;
  /** For the workflows that came or went, which were not compared. */
  readonly #budget = new Budget();

  constructor(ignoringLayout = false) {
    this.#ignoreLayout = ignoringLayout;
  }

  /** Takes in a workflow that differs: what `compareSnapshots` calls for each. */
  readonly addDiff = async (item: ItemDiff, before: WorkflowSide | null, after: WorkflowSide | null): Promise<void> => {
    if (this.#ignoreLayout && item.layoutOnly) return;
    const whole = item.draft ?? (await wholeDiff(before, after, this.#budget));
    const draft = whole && this.#ignoreLayout ? withoutLayout(whole) : whole;
    const side = after ?? before;
    this.#add(
      {
        kind: 'workflows',
        name: item.name,
        id: item.id,
        change: item.layoutOnly ? 'layout' : item.change,
        words: itemWords(item),
        search: side ? searchText(side.draft) : '',
      },
      {
        facts: side ? facts(side) : [],
        changes: [...fieldsShown(item.fields), ...(item.live ? liveShown(item.live) : [])],
        ...drawPair(before?.draft ?? null, after?.draft ?? null, draft),
      },
    );
  };

  /** Takes in a workflow of a snapshot that is shown by itself. */
  addWorkflow(side: WorkflowSide): void {
    const { draft } = side;
    this.#add(
      {
        kind: 'workflows',
        name: textOf(draft.name),
        id: textOf(draft.id),
        change: 'same',
        words: holdsWords(side),
        search: searchText(draft),
      },
      { facts: facts(side), changes: [], ...drawPair(null, draft, undefined), before: null },
    );
  }

  /** Takes in an item of another kind. */
  addItem(entry: Omit<PageEntry, 'data'>, item: PageItem): void {
    this.#add(entry, item);
  }

  #add(entry: Omit<PageEntry, 'data'>, item: PageItem): void {
    const data = String(this.#data.size);
    this.#data.set(data, JSON.stringify(item));
    this.#workflows.push({ ...entry, data });
  }

  /** The page of a diff whose workflows were added before. */
  diffPage(instance: string, found: SnapshotDiff, warnings: readonly string[] = []): string {
    const shown = this.#ignoreLayout ? ignoreLayout(found) : found;
    for (const kind of shown.kinds) {
      if (kind.kind === 'workflows') continue;
      for (const item of kind.items) this.#add(...itemEntry(item));
    }
    const notes = shown.kinds.flatMap((kind) => kind.notes.map((note) => `${kind.kind}: ${note}`));
    const { from, to } = shown;
    const times = `${from.takenAt} → ${to.takenAt}`;
    return this.#render('diff', `${instance}: ${from.id} → ${to.id}`, [times], [...warnings, ...notes]);
  }

  /** The page of one snapshot whose items were added before. */
  showPage(title: string, about: readonly string[], notes: readonly string[]): string {
    return this.#render('show', title, about, notes);
  }

  #render(mode: 'diff' | 'show', title: string, about: readonly string[], notes: readonly string[]): string {
    const entries = [...this.#workflows].sort(
      (a, b) =>
        Number(a.kind !== 'workflows') - Number(b.kind !== 'workflows') ||
        compareText(a.kind, b.kind) ||
        compareText(a.name.toLowerCase(), b.name.toLowerCase()),
    );
    return renderPage({ mode, title, about, notes, entries }, this.#data);
  }
}

function itemEntry(item: ItemDiff): [Omit<PageEntry, 'data'>, PageItem] {
  const { kind, name, id, change } = item;
  return [
    { kind, name, id, change, words: itemWords(item), search: '' },
    { facts: [], changes: [...fieldsShown(item.fields), ...(item.rows ? rowsShown(item.rows) : [])] },
  ];
}

function searchText(draft: JsonObject): string {
  const nodes = objectsIn(draft.nodes).map((node) => `${textOf(node.name)} ${textOf(node.type)}`);
  const tags = objectsIn(draft.tags).map(textMember('name'));
  return [...tags, ...nodes].join(' ').toLowerCase().slice(0, SEARCH_LENGTH);
}

/** null where the side does not know what its projects are called. */
function knownProject({ draft, names }: WorkflowSide): string | null {
  const { owner } = sharing(draft, 'projectId');
  return owner === null ? null : (names.projects.get(owner) ?? null);
}

function facts(side: WorkflowSide): [string, string][] {
  const { draft, names } = side;
  const id = textOf(draft.id);
  const tags = objectsIn(draft.tags).map(textMember('name')).join(', ');
  const all: [string, string | null][] = [
    ['state', holdsWords(side)],
    ['tags', tags],
    ['project', knownProject(side)],
    ['folder', folderPath(names, names.places?.get(id) ?? null)],
    ['last edit', textOf(draft.updatedAt)],
    ['description', textOf(draft.description)],
    ['id', id],
  ];
  return all.filter((fact): fact is [string, string] => fact[1] !== null && fact[1] !== '');
}

/** Of a workflow that came or went: every node and wire did. Of one that is on both sides: nothing. */
async function wholeDiff(
  before: WorkflowSide | null,
  after: WorkflowSide | null,
  budget: Budget,
): Promise<VersionDiff | undefined> {
  return before && after ? undefined : diffVersion(before?.draft ?? {}, after?.draft ?? {}, budget);
}
