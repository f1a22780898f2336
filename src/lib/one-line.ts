/**
 * Text from n8n as one line: a line break, a control character or a change of text direction in a name must not shape
 * the message, page or terminal that it stands in. Everything of the sort becomes a space.
 */
export function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}
