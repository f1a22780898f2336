import { inOneLine } from '../../lib/printable.ts';

/** Characters that Markdown, GitHub's and GitLab's included, could read as markup, wherever they stand in a line. */
const MARKUP = /[\\`*_{}[\]<>#!|~$&@]|:(?=\/\/)/g;

/**
 * Text from n8n as one line of Markdown that shows just these characters: no markup, no HTML, no link, no line break,
 * and nothing that changes the direction of what follows.
 */
export function markdownText(text: string): string {
  return oneLine(text)
    .replace(MARKUP, '\\$&')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}\\.`);
}

/** One line without runs of spaces, which Markdown would not show. */
export function oneLine(text: string): string {
  return inOneLine(text).replace(/ {2,}/g, ' ');
}

/** A path of the snapshot as the target of a link. */
export function linkTarget(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[()]/g, (paren) => (paren === '(' ? '%28' : '%29')))
    .join('/');
}

/**
 * Text as the label of a Mermaid node: all but letters, digits and plain punctuation as Mermaid's own character
 * codes.
 */
export function mermaidText(text: string): string {
  return [...oneLine(text)]
    .map((character) => (/[\p{L}\p{N} .,_-]/u.test(character) ? character : `#${character.codePointAt(0)};`))
    .join('');
}
