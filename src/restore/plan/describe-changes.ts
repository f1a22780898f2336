import type { Change } from './types.ts';

/** What differs, for people: `nodes, tags differ; becomes live`. Empty where nothing does. */
export function describeChanges(changes: readonly Change[]): string {
  const phrases = changes.flatMap((change) => phraseOf(change) ?? []);
  const plain = changes.filter((change) => phraseOf(change) === null).map((change) => change.field);
  if (plain.length > 0) phrases.unshift(`${plain.join(', ')} ${isSingular(plain) ? 'differs' : 'differ'}`);
  return phrases.join('; ');
}

/** `nodes` and `settings` are many although they are one field. */
function isSingular(fields: readonly string[]): boolean {
  return fields.length === 1 && !fields[0]!.endsWith('s');
}

function phraseOf({ field, from, to }: Change): string | null {
  if (field === 'live')
    return from === to ? 'another version is live' : to === 'live' ? 'becomes live' : 'is unpublished';
  if (field === 'archived') return to === 'archived' ? 'is archived' : 'is unarchived';
  if (field === 'name' && from !== undefined) return `is called ${JSON.stringify(from)} on the target`;
  if (field === 'rows' && from !== undefined && to !== undefined)
    return from === to ? `${to} differ` : `${from} become ${to}`;
  if (field === 'secret') return 'gets its secret from the credentials file';
  return null;
}
