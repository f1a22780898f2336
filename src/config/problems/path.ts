export type Path = readonly PropertyKey[];

/** `instances.prod.kinds[0]`; a name that holds a dot is put in brackets, so that the path stays readable. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(String(part))) text += `${text === '' ? '' : '.'}${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}

/** The value at a path of a document, or undefined. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const part of path) value = isSection(value) || Array.isArray(value) ? Reflect.get(value, part) : undefined;
  return value;
}

/** Whether a value is a mapping: not null, not a list. */
export function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
