// What people write in place of a secret. A placeholder is the whole of a value: a secret that a machine made can
// contain any word by chance, and one that a person chose on purpose.

import { isNameLike, wordSet, wordsOf } from './words.ts';

/** Whether a text stands in place of a secret: `YOUR_API_KEY`, `<token>`, `xxxx`, `${PASSWORD}`. */
export function isPlaceholder(text: string): boolean {
  return WHOLE.some((pattern) => pattern.test(text)) || isRow(text) || isWish(text);
}

const WHOLE: readonly RegExp[] = [
  // In brackets of any kind, and what shells and templates replace.
  /^(?:<.*>|\[.*\]|\{.*\}|%.*%|__\w+__|@\w+@)$/s,
  /^\$(?:\w+|[({].*)$/s,
  // NAME_OF_A_VARIABLE
  /^[A-Z]+\d?(?:_[A-Z]+\d?)+$/,
  // What was shortened or hidden.
  /\.{3}|…|\*{3}|•{3}/,
  // Those of the documentation of AWS.
  /^A[A-Z\d]{12}EXAMPLE$|EXAMPLEKEY$/,
];

/** Rows of signs that people type: `xxxxxxxx`, `1234567890`, `abcdef`, with what a service puts in front. */
function isRow(text: string): boolean {
  const rest = text.replace(/^(?:[A-Za-z]{2,8}[-_]){1,3}(?=.{8})/, '').replace(/[-_.]/g, '');
  if (rest.length < 3) return false;
  let inRow = 0;
  for (let index = 1; index < rest.length; index += 1) if (isNext(rest, index)) inRow += 1;
  // Three signs in four continue a row: "1234567890abcdef" has one break, and a secret some by chance.
  return inRow >= (rest.length - 1) * 0.75;
}

/** Whether a sign repeats the one before it, or follows it in the alphabet or among digits. */
function isNext(text: string, index: number): boolean {
  const [before, sign] = [text.charCodeAt(index - 1), text.charCodeAt(index)];
  return sign === before || sign === before + 1 || (text[index - 1] === '9' && text[index] === '0');
}

/** Words that ask for a value, those that name one, and those that go with them. */
const ASKING = wordSet(
  'your example placeholder dummy changeme change replace replaceme insert enter put add paste fill sample fake ' +
    'todo fixme redacted here some dein deine ihr votre tu su',
);
const NAMING = wordSet(
  'api key apikey token secret password passwd pass pwd passwort access client id auth bearer basic credential ' +
    'credentials value user username account login private public webhook url name n8n me this it with real own ' +
    'the a an my test string app bot service new',
);

/** Whether a text asks for a value in words alone: `your-token-here`, `INSERT_API_KEY`, `example-token-123`. */
function isWish(text: string): boolean {
  if (text.length > 80 || !isNameLike(text)) return false;
  const words = wordsOf(text);
  const [numbers, letters] = [words.filter((word) => /\d/.test(word)), words.filter((word) => !/\d/.test(word))];
  if (numbers.join('').length > 3 || !letters.some((word) => ASKING.has(word))) return false;
  // One word may be the service's.
  const foreign = letters.filter((word) => !ASKING.has(word) && !NAMING.has(word));
  return (
    foreign.length === 0 || (foreign.length === 1 && letters.some((word) => NAMING.has(word)) && numbers.length === 0)
  );
}
