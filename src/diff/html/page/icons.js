import { svg } from './dom.js';

// Faces of nodes: drawn for flowkeep, in a square of 32, chosen by what the node's type is called.

const FACES = [
  [/httprequest/i, 200, 'M16 4a12 12 0 1 0 0 24 12 12 0 0 0 0-24M4 16h24M16 4c-7 7-7 17 0 24M16 4c7 7 7 17 0 24'],
  [/webhook/i, 330, 'M12 12a5 5 0 1 1 7 1l4 8M9 16a5 5 0 1 0 5 7h9M24 18a5 5 0 1 1-3 9'],
  [/schedule|cron|interval|wait/i, 160, 'M16 4a12 12 0 1 0 0 24 12 12 0 0 0 0-24M16 9v7l5 3'],
  [/manualtrigger/i, 220, 'M9 5l16 13-8 1-4 8z'],
  [/trigger$/i, 15, 'M18 3L6 18h9l-2 11 13-16h-9z'],
  [
    /\.(code|function|functionitem)$|pythoncode/i,
    28,
    'M11 5c-4 0-4 3-4 6s-3 5-3 5 3 2 3 5 0 6 4 6M21 5c4 0 4 3 4 6s3 5 3 5-3 2-3 5 0 6-4 6',
  ],
  [
    /\.(if|switch|filter|comparedatasets)$/i,
    145,
    'M4 16h8M12 16c6 0 4-9 10-9h5M12 16c6 0 4 9 10 9h5M24 4l3 3-3 3M24 22l3 3-3 3',
  ],
  [/\.(set|rename|editimage)/i, 255, 'M5 27l2-7L21 6l5 5-14 14zM18 9l5 5'],
  [/\.merge$/i, 190, 'M4 7h5c6 0 4 9 10 9h8M4 25h5c6 0 4-9 10-9M24 12l4 4-4 4'],
  [
    /splitinbatches|\.(loop|aggregate|splitout|summarize|limit|sort|removeduplicates)/i,
    175,
    'M6 12a10 10 0 0 1 18-3M26 20a10 10 0 0 1-18 3M24 3v6h-6M8 29v-6h6',
  ],
  [/executeworkflow|toolworkflow/i, 350, 'M4 5h14v14H4zM14 23v4h14V13h-5'],
  [/stickynote/i, 50, 'M5 5h22v14l-8 8H5zM27 19h-8v8'],
  [
    /datatable|postgres|mysql|mongo|redis|sqlite|database|sheets|airtable/i,
    215,
    'M5 8c0-5 22-5 22 0s-22 5-22 0v16c0 5 22 5 22 0V8M5 16c0 5 22 5 22 0',
  ],
  [/mail|gmail|imap|smtp/i, 5, 'M4 7h24v18H4zM4 8l12 10L28 8'],
  [/slack|telegram|discord|matrix|mattermost|teams/i, 290, 'M5 6h22v15H15l-7 6v-6H5zM11 12h10M11 16h6'],
  [/langchain|openai|agent|anthropic|gemini/i, 265, 'M16 4l3 9 9 3-9 3-3 9-3-9-9-3 9-3zM26 4v5M23.500 6.500h5'],
  [/respondtowebhook|noop/i, 180, 'M4 16h22M18 8l8 8-8 8'],
];

/** The face of a node type in its middle: a picture, or for any other type its first letters. */
export function face(type, x, y) {
  const found = FACES.find(([pattern]) => pattern.test(type));
  const group = svg('g', {
    class: 'face',
    transform: `translate(${x - 16} ${y - 16})`,
    'aria-hidden': 'true',
  });
  if (found) {
    group.style.stroke = colour(found[1]);
    group.append(svg('path', { d: found[2] }));
    return group;
  }
  const text = svg('text', { x: 16, y: 23 }, initials(type));
  text.style.fill = colour(hash(type) % 360);
  group.append(text);
  return group;
}

function initials(type) {
  const name = shortType(type).replace(/[^\p{L}\p{N}]/gu, '');
  return name.slice(0, 1).toUpperCase() + name.slice(1, 2) || '?';
}

/** `n8n-nodes-base.httpRequest` → `httpRequest`. */
export function shortType(type) {
  return type.slice(type.lastIndexOf('.') + 1);
}

/** Legible on light and dark ground alike. */
function colour(hue) {
  return `hsl(${hue} 55% 52%)`;
}

function hash(text) {
  let value = 7;
  for (const character of text) value = (value * 31 + character.codePointAt(0)) >>> 0;
  return value;
}
