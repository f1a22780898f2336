import { canonicalJson, type JsonObject } from '../../../lib/json/json.ts';
import { objectsIn, omit, textOf } from '../../../kinds/fields.ts';
import { withoutCachedNames } from '../compare/diff.ts';

/** Members of a node that do not say what it does. */
const LOOKS = ['id', 'name', 'position', 'notes', 'notesInFlow', 'color', 'webhookId'];

/** The enabled nodes of a version. */
export function enabledNodes(version: JsonObject): JsonObject[] {
  return objectsIn(version.nodes).filter((node) => node.disabled !== true);
}

/** What a workflow's versions on the target do already. */
export class KnownNodes {
  readonly #contents = new Set<string>();
  readonly #names = new Set<string>();

  constructor(versions: readonly JsonObject[]) {
    for (const node of versions.flatMap((version) => objectsIn(version.nodes))) {
      for (const name of namesOf(node)) this.#names.add(name);
      if (node.disabled !== true) this.#contents.add(contentOf(node));
    }
  }

  /** null: a node on the target does the same already. */
  changeOf(node: JsonObject): 'new' | 'changed' | null {
    if (this.#contents.has(contentOf(node))) return null;
    return namesOf(node).some((name) => this.#names.has(name)) ? 'changed' : 'new';
  }
}

function contentOf(node: JsonObject): string {
  return canonicalJson(omit(withoutCachedNames(node), LOOKS));
}

/** A renamed node keeps its id, a copied one its name. */
function namesOf(node: JsonObject): string[] {
  return [`id ${textOf(node.id)}`, `name ${textOf(node.name)}`].filter((each) => !each.endsWith(' '));
}
