// Making elements. Everything from n8n goes through here as text: there is no way to give markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element with attributes and children; a text child becomes a text node. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'onclick') element.addEventListener('click', value);
    else if (value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Control characters and changes of text direction as visible marks, so that no name can disguise itself. */
export function plain(text) {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.codePointAt(0);
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\ufffd';
  });
}

/** Says something to screen readers. */
export function announce(text) {
  document.getElementById('status').textContent = text;
}

/** The JSON of a data script. */
export function readData(id) {
  return JSON.parse(document.getElementById(`data-${id}`).textContent);
}

export const MARKS = { added: '+', removed: '−', changed: '~', layout: '↔', moved: '↔', same: '' };
export const CHANGE_WORDS = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  layout: 'layout only',
  moved: 'moved',
  same: 'unchanged',
};
