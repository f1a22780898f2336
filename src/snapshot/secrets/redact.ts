import { isJsonObject, setMember, type Json } from '../../lib/json/json.ts';
import type { Hit, JsonPath } from './hit.ts';
import { redactText } from './marker.ts';
import { textAt, valueAt } from './place.ts';

/** Puts markers into a document in place of what was found in it. The document itself is changed. */
export function redact(root: Json, hits: readonly Hit[]): void {
  const byText = new Map<string, Hit[]>();
  for (const hit of hits) {
    const key = JSON.stringify(hit.path);
    const own = byText.get(key);
    if (own) own.push(hit);
    else byText.set(key, [hit]);
  }
  for (const own of byText.values()) {
    const { path } = own[0]!;
    setAt(root, path, redactText(textAt(root, path), own));
  }
}

/** Changes the value at a path that is there. */
export function setAt(root: Json, path: JsonPath, value: Json): void {
  const holder = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(holder) && typeof last === 'number') holder[last] = value;
  else if (isJsonObject(holder) && typeof last === 'string') setMember(holder, last, value);
}
