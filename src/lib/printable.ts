/**
 * Text from n8n or a store, safe to print on a terminal: control characters, escape sequences and direction overrides
 * become visible marks, so that no name can move the cursor, colour the screen or hide what follows it.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n') return '⏎';
    return character.codePointAt(0)! < 0x20 ? String.fromCodePoint(0x2400 + character.codePointAt(0)!) : '�';
  });
}

/** A line that flowkeep itself coloured: its colours stay, and whatever else a terminal would obey is made visible. */
export function printableLine(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

const COLOUR = /(\u001b\[\d{1,2}m)/;

/**
 * Text from n8n as one line: a line break, a control character or a change of text direction in a name must not shape
 * the message, page or terminal that it stands in. Everything of the sort becomes a space.
 */
export function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}

/** `1,234,567`. Without Intl, whose first use loads its data for 10 ms. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3}){1,5}$)/g, ',');
}
