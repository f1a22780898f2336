/** Characters that two long texts show around the place where they differ. */
const AROUND = 30;

/**
 * Two one-line texts cut to a length each, so that the place where they differ is in both: what they begin and end with
 * alike is left out first.
 */
export function excerpts(from: string, to: string, length: number): [string, string] {
  const a = [...from];
  const b = [...to];
  if (a.length <= length && b.length <= length) return [from, to];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  const begin = Math.max(0, start - AROUND);
  return [part(a, begin, length), part(b, begin, length)];
}

/** The beginning of a long text. */
export function beginning(text: string, length: number): string {
  return part([...text], 0, length);
}

function part(characters: readonly string[], begin: number, length: number): string {
  const cut = characters.slice(begin, begin + length).join('');
  return `${begin > 0 ? '…' : ''}${cut}${begin + length < characters.length ? '…' : ''}`;
}
