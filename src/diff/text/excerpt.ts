/** Characters that two long texts show around the place where they differ. */
const AROUND = 30;

/**
 * Two one-line texts cut to a length each, so that the place where they differ is in both: what they begin and end with
 * alike is left out first.
 */
export function excerpts(from: string, to: string, length: number): [string, string] {
  if (isShort(from, length) && isShort(to, length)) return [from, to];
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start += 1;
  const before = charactersOf(from.slice(Math.max(0, start - 2 * AROUND), start));
  const begin = start - before.slice(-AROUND).join('').length;
  return [part(from, begin, length), part(to, begin, length)];
}

/** The beginning of a long text. */
export function beginning(text: string, length: number): string {
  return part(text, 0, length);
}

/** A character has two code units at most: a long text is not taken apart to know that it is one. */
function isShort(text: string, length: number): boolean {
  return text.length <= 2 * length && charactersOf(text).length <= length;
}

function part(text: string, begin: number, length: number): string {
  const cut = charactersOf(text.slice(begin, begin + 2 * length))
    .slice(0, length)
    .join('');
  return `${begin > 0 ? '…' : ''}${cut}${begin + cut.length < text.length ? '…' : ''}`;
}

function charactersOf(text: string): string[] {
  return [...text];
}
