import fc from 'fast-check';

/** A text that is made of a piece as often as it takes. */
export interface Pump {
  /** Names it in a failure. */
  readonly name: string;
  readonly text: (length: number) => string;
}

/** What patterns that are not linear trip over: words, dashes and quotes without end, beginnings without an end. */
const PIECES = [
  ...['a', '0', 'Aa', ' ', '\n', '\t', ' \n', '.', '-', '_', '/', ':', '=', '"', "'", '`', '\\', '\\"', '{', '[', '('],
  ...[
    'a.',
    'a-',
    'a:',
    'a=',
    'a: ',
    'a="',
    "a='",
    '"a":"',
    'a = ',
    '?a=',
    '?ab=c',
    '&ab=',
    'a@',
    'a@a.',
    '://',
    'ab://',
  ],
  ...[
    '-ey',
    'eyaaaaaaaaaa.',
    'bearer ',
    'basic ',
    'token ',
    'token is ',
    'key: ',
    'password',
    'aA',
    'é',
    '€',
    '\u2028',
  ],
];

export const GENERIC_PUMPS: readonly Pump[] = PIECES.map(repeated);

/** Names of secrets and beginnings of values, calls, commands and escapes that have no end. */
export const NAMED_PUMPS: readonly Pump[] = [
  ...['token="', "password='", 'token=', 'token:', '"token","', 'token||', 'token=a||', 'token=a.b(', 'token="a"+'],
  ...['token="${', 'token="{', 'token: string = ', '"name":"token","value":"', '--token ', 'token=abcdefgh1'],
  ...['curl -u a:b ', 'curl -u "', 'mysql -p', 'echo a|', 'new Abc(', 'jwt.sign(', 'jwt.sign({', 'btoa("a:'],
  ...['<password>', '<password a="', '<a ', '\\"', '%3D', '&amp;', '={{ "', '{{ ', 'a=b; ', "PASSWORD '"],
].map(repeated);

/**
 * Texts that begin to match a pattern, again and again: each beginning of texts that match it, repeated, and drawn
 * out by its last sign; and texts full of what it matches.
 */
export function pumpsFor(pattern: RegExp, samples = 1): Pump[] {
  const matching = fc.sample(fc.stringMatching(plain(pattern)), { numRuns: samples, seed: 7 }).map(trimmed);
  return matching.flatMap((sample) => [
    ...beginnings(sample).flatMap((start) => [repeated(start), repeated(`-${start}`), drawnOut(start)]),
    ...[`${sample} `, `${sample}\n`, `"${sample}"`].map(repeated),
  ]);
}

function repeated(piece: string): Pump {
  return {
    name: `${JSON.stringify(piece)}, repeated`,
    text: (length) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length),
  };
}

/** Half of it repeats a beginning, half of it its last sign: each attempt may read on to the end. */
function drawnOut(start: string): Pump {
  return {
    name: `${JSON.stringify(start)}, repeated and drawn out`,
    text: (length) => repeated(start).text(length / 2) + start.at(-1)!.repeat(length / 2),
  };
}

/** Up to six beginnings of a text, the whole of it among them. */
function beginnings(text: string): string[] {
  const step = Math.max(1, Math.ceil(text.length / 6));
  const lengths = Array.from({ length: Math.ceil(text.length / step) }, (_, index) => text.length - index * step);
  return lengths.map((length) => text.slice(0, length));
}

/** A pattern without what looks around and without named groups: what is left can be made up. */
function plain({ source, flags }: RegExp): RegExp {
  const simple = source
    .replaceAll(/\(\?<?[!=](?:[^()\\]|\\.|\[[^\]]*\])*\)/g, '')
    .replaceAll(/\\[bB]/g, '')
    .replaceAll(/\(\?<\w+>/g, '(')
    .replaceAll(/\\k<\w+>/g, '"');
  return new RegExp(`^${simple}$`, flags.replaceAll(/[gi]/g, ''));
}

/** What `.` stands for includes signs that no text has. */
function trimmed(text: string): string {
  return text.slice(0, 400);
}

/** The patterns that some work applies to a text: secretlint exports none of its own. */
export async function patternsOf(work: () => Promise<unknown>): Promise<RegExp[]> {
  const patterns: RegExp[] = [];
  const original = Object.getOwnPropertyDescriptor(String.prototype, 'matchAll')!;
  const matchAll = original.value as (pattern: RegExp) => IterableIterator<RegExpMatchArray>;
  Object.defineProperty(String.prototype, 'matchAll', {
    ...original,
    value(this: string, pattern: RegExp) {
      patterns.push(pattern);
      return matchAll.call(this, pattern);
    },
  });
  try {
    await work();
  } finally {
    Object.defineProperty(String.prototype, 'matchAll', original);
  }
  return patterns;
}

export interface Growth {
  readonly name: string;
  /** Milliseconds of the processor for the longer of the two texts. */
  readonly ms: number;
  /** How many times as long it took for a text that is `FACTOR` times as long. */
  readonly ratio: number;
}

/** How many times as long the longer text is. */
export const FACTOR = 16;

const SHORTEST = 2000;
const LONGEST = 32_000;
/** What is over sooner is as fast as its clock: no growth can be told from it. */
const TOO_SHORT_MS = 24;
/** Work that takes less is not slow, and is not looked at in longer texts. */
const FAST_MS_PER_CHARACTER = 5e-5;

/** Attempts to see that work is linear. One that is not never seems to be; one that is may on a busy machine. */
const ATTEMPTS = 5;

/**
 * How the time of some work grows with a text: from texts as long as it takes to tell. null: it takes next to nothing.
 * @param most a growth that is no cause for another look
 */
export async function growthOf(
  { name, text }: Pump,
  work: (text: string) => unknown,
  most: number,
): Promise<Growth | null> {
  for (let length = SHORTEST; length <= LONGEST; length *= 2) {
    const [short, long] = [text(length), text(length * FACTOR)];
    let ms = await timeOf(long, work);
    if (ms < FAST_MS_PER_CHARACTER * long.length) return null;
    if (ms < TOO_SHORT_MS) continue;
    let before = await timeOf(short, work, FACTOR);
    // The best of several counts: whatever else the machine does makes them longer alone.
    for (let attempt = 1; attempt < ATTEMPTS && (ms * FACTOR > most * before || ms < TOO_SHORT_MS); attempt += 1) {
      before = Math.max(Math.min(before, await timeOf(short, work, FACTOR)), TOO_SHORT_MS / FACTOR);
      ms = Math.min(ms, await timeOf(long, work));
      if (ms < FAST_MS_PER_CHARACTER * long.length) return null;
    }
    return { name, ms, ratio: (ms * FACTOR) / before };
  }
  return null;
}

/** Done several times with a short text, it takes as long as with a long one: clocks of a thread tick every 4 ms. */
async function timeOf(text: string, work: (text: string) => unknown, times = 1): Promise<number> {
  // The time of this thread alone: neither other processes nor the threads of the garbage collector count.
  const started = process.threadCpuUsage();
  for (let done = 0; done < times; done += 1) await work(text);
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}
