/**
 * The forms in which a secret may turn up in somebody else's words: as it is, escaped for JSON (also within JSON),
 * HTML or a URL, in hex, and in base64, where it may stand alone or amidst other text (`user:token` of HTTP's Basic
 * authentication). A form of fewer than 8 characters is left out, since it would be found in innocent text; so are
 * digits alone, which might be any number.
 */
export function secretForms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].flatMap((offset) => base64Within(bytes, offset));
  const forms = [
    secret,
    inJson(secret),
    inJson(inJson(secret)),
    secret.replace(/[&<>"']/g, (character) => HTML_ENTITIES[character] ?? character),
    ...urlForms(secret),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.flatMap(urlForms),
  ];
  return [...new Set(forms)].filter((form) => form.length >= MIN_LENGTH && !/^\d+$/.test(form));
}

const MIN_LENGTH = 8;

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Finds any of these texts; the longest first, so that none hides a part of another and leaves the rest. */
export function anyOf(texts: Iterable<string>): RegExp {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'g');
}

/** As a path segment, as a form's field, and as the strictest encoders write it; with hex digits of both cases. */
function urlForms(text: string): string[] {
  const segment = encodeURIComponent(text.toWellFormed());
  const field = new URLSearchParams({ '': text }).toString().slice(1);
  const strict = segment.replace(/[!'()*]/g, (character) => `%${hexOf(character)}`);
  return [segment, field, strict].flatMap((form) => [form, form.replace(/%../g, (code) => code.toLowerCase())]);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase();
}

/**
 * What base64 and base64url show of bytes that begin `offset` bytes after a multiple of three: the characters that
 * these bytes decide alone, without their neighbours.
 */
function base64Within(bytes: Buffer, offset: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor((padded.length * 8) / 6);
  return [padded.toString('base64').slice(from, to), padded.toString('base64url').slice(from, to)];
}
