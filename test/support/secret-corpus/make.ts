import type { Json } from '../../../src/lib/json/json.ts';

/** A text of n8n's with one secret in it, or with none, as a document that the scanner reads. */
export interface CorpusCase {
  readonly title: string;
  readonly document: Json;
  /** As it stands in the document's text; '' in what is harmless. */
  readonly secret: string;
  /** `formats`: it stands in a row of a data table, where formats of services alone are looked for. */
  readonly what: 'all' | 'formats';
}

/** Makes values that no service ever gave, from a seed: no file of this repository holds anything like a live key. */
export class Make {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 2_654_435_761;
  }

  /** `length` signs of an alphabet; always some of each class that the alphabet has, as in what machines make. */
  of(alphabet: string, length: number): string {
    for (;;) {
      const text = Array.from({ length }, () => alphabet[this.#next(alphabet.length)]).join('');
      const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((each) => each.test(alphabet));
      if (length < 8 || classes.every((each) => each.test(text))) return text;
    }
  }

  alnum(length = 32): string {
    return this.of(LOWER + LOWER.toUpperCase() + DIGITS, length);
  }

  lower(length = 24): string {
    return this.of(LOWER + DIGITS, length);
  }

  upper(length = 16): string {
    return this.of(LOWER.toUpperCase() + DIGITS, length);
  }

  letters(length = 20): string {
    return this.of(LOWER + LOWER.toUpperCase(), length);
  }

  hex(length = 32): string {
    return this.of('abcdef' + DIGITS, length);
  }

  digits(length = 10): string {
    return `${1 + this.#next(9)}${this.of(DIGITS, length - 1)}`;
  }

  base64(bytes = 32): string {
    return Buffer.from(this.of(LOWER + DIGITS, bytes)).toString('base64');
  }

  /** Base64 of random bytes, with the signs that are neither letters nor digits. */
  base64Signs(length = 43): string {
    return this.of(LOWER + LOWER.toUpperCase() + DIGITS + '+/', length);
  }

  uuid(): string {
    return [8, 4, 4, 4, 12].map((length) => this.of('abcdef' + DIGITS, length)).join('-');
  }

  word(): string {
    return WORDS[this.#next(WORDS.length)]!;
  }

  /** As people choose one: a word, digits, a sign. */
  password(): string {
    return `${this.word()}${this.digits(2 + this.#next(3))}${'!$#*+'[this.#next(5)]}`;
  }

  /** As people choose one where no sign is asked for. */
  weak(): string {
    return `${this.word().toLowerCase()}${this.digits(2 + this.#next(3))}`;
  }

  /** What jsonwebtoken makes. */
  jwt(): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return [part({ alg: 'HS256', typ: 'JWT' }), part({ sub: this.digits(), iat: 1_700_000_000 }), this.alnum(43)].join(
      '.',
    );
  }

  /** The lines of a private key. */
  pem(kind = 'RSA '): string {
    const lines = Array.from({ length: 8 }, () => this.base64Signs(64)).join('\n');
    return [`-----BEGIN ${kind}`, `PRIVATE KEY-----\n${lines}\n-----END ${kind}`, 'PRIVATE KEY-----'].join('');
  }

  #next(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const WORDS = 'Winter Kaffee Orbit Velvet Magnet Bonjour Sierra Falcon Pepper Domino Sunrise Granit'.split(' ');

/** A place of n8n's, around a text: `in_.code('const x = 1')`. */
export const place = {
  node: (parameters: Json): Json => ({ nodes: [{ name: 'Node', parameters }] }),
  code: (jsCode: string): Json => place.node({ jsCode }),
  python: (pythonCode: string): Json => place.node({ language: 'python', pythonCode }),
  command: (command: string): Json => place.node({ command }),
  body: (jsonBody: string): Json => place.node({ specifyBody: 'json', jsonBody }),
  raw: (body: string): Json => place.node({ contentType: 'raw', body }),
  note: (content: string): Json => place.node({ content, height: 240, width: 380 }),
  url: (url: string): Json => place.node({ url, options: {} }),
  text: (text: string): Json => place.node({ text }),
  query: (query: string): Json => place.node({ operation: 'executeQuery', query }),
  header: (name: string, value: string): Json => place.node({ headerParameters: { parameters: [{ name, value }] } }),
  parameter: (name: string, value: string): Json => place.node({ queryParameters: { parameters: [{ name, value }] } }),
  field: (name: string, value: string): Json => place.node({ bodyParameters: { parameters: [{ name, value }] } }),
  set: (name: string, value: string): Json =>
    place.node({ assignments: { assignments: [{ id: 'a1', name, type: 'string', value }] } }),
  option: (name: string, value: string): Json => place.node({ options: { [name]: value } }),
  variable: (key: string, value: string): Json => [{ id: '1', key, value, type: 'string' }],
  pinned: (json: Json): Json => ({ pinData: { Node: [{ json }] } }),
  /** Where formats of services alone are looked for. */
  row: (column: string, value: string): Json => [{ id: 1, [column]: value }],
};

/** A title, the document, and the secret that it holds. */
type Case = readonly [title: string, document: Json, secret: string];

/** A secret in the document that is made of it. */
export function at(title: string, secret: string, where: (secret: string) => Json): Case {
  return [title, where(secret), secret];
}

/** Makes cases of secrets in a text, all at one place: `within(place.code)`. */
export function within(
  where: (text: string) => Json,
): (title: string, secret: string, text: (secret: string) => string) => Case {
  return (title, secret, text) => at(title, secret, (own) => where(text(own)));
}

/** The cases of a list. */
export function cases(list: readonly Case[]): CorpusCase[] {
  return list.map(([title, document, secret]) => ({ title, document, secret, what: whatOf(document) }));
}

/** The cases of a list of what is harmless. */
export function harmless(list: readonly (readonly [title: string, document: Json])[]): CorpusCase[] {
  return cases(list.map(([title, document]) => [title, document, ''] as const));
}

function whatOf(document: Json): CorpusCase['what'] {
  const isRow = Array.isArray(document) && JSON.stringify(document).startsWith('[{"id":1,');
  return isRow ? 'formats' : 'all';
}
