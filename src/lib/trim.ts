/**
 * The text without the characters of `set` at its end. A loop, since `/x+$/` starts again at each x: it takes quadratic
 * time for a text that has a megabyte of them in its middle.
 */
export function trimEndOf(text: string, set: string): string {
  let end = text.length;
  while (end > 0 && set.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The text without the characters of `set` at either end. */
export function trimOf(text: string, set: string): string {
  const kept = trimEndOf(text, set);
  let start = 0;
  while (start < kept.length && set.includes(kept.charAt(start))) start++;
  return kept.slice(start);
}
