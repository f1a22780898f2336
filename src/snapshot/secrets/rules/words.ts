// Tells what people write from what machines make: words, and texts that are put together of words.

/** The words of a list, between which there is a blank. */
export function wordSet(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** The words of a name or a text, in lower case and without accents: `X-Api-Key`, `clientSecret`, `DB_PASSWORD`. */
export function wordsOf(text: string): string[] {
  return piecesOf(withoutAccents(text)).map((piece) => piece.toLowerCase());
}

function withoutAccents(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text.normalize('NFD').replace(/\p{M}/gu, '');
}

/** Runs of letters and of digits; a capital begins a new one. */
function piecesOf(text: string): string[] {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]|(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)/)
    .filter((piece) => piece !== '');
}

/** Beyond this no text is a name, and none is taken apart to learn whether it is. */
const LONGEST_NAME = 200;
/** Of the letters of a name, so many stand in words: a machine's text has some by chance. */
const SHARE_OF_WORDS = 0.75;
/** A year, a date and a counter: more digits than that no name has. */
const [MOST_DIGITS, MOST_NUMBERS] = [8, 3];

/** Whether a text is put together of words and a few numbers, as names of things are: `customer_2024`. */
export function isNameLike(accented: string): boolean {
  if (accented.length > LONGEST_NAME || hasManyDigits(accented)) return false;
  const text = withoutAccents(accented);
  if (/[^\w\s.:/|,~-]/.test(text)) return false;
  const words = piecesOf(text).filter((piece) => !/\d/.test(piece) && !SHORT.has(piece.toLowerCase()));
  const letters = words.join('').length;
  const natural = words.filter(isWord).join('').length;
  return natural >= letters * SHARE_OF_WORDS;
}

/** Whether a text has more digits, or more numbers, than a name has: what most machines make is told by that alone. */
function hasManyDigits(text: string): boolean {
  let [digits, numbers] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    if (!isDigit(text.charCodeAt(index))) continue;
    digits += 1;
    if (index === 0 || !isDigit(text.charCodeAt(index - 1))) numbers += 1;
    if (digits > MOST_DIGITS || numbers > MOST_NUMBERS) return true;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether a run of letters can be a word: each two letters of it are neighbours in many words. */
export function isWord(piece: string): boolean {
  const word = piece.toLowerCase();
  if (KNOWN.has(word)) return true;
  if (word.length < 4 || word.length > 24 || !/[aeiouy]/.test(word)) return false;
  for (let index = 1; index < word.length; index += 1)
    if (NEIGHBOURS.get(word[index - 1]!)?.includes(word[index]!) !== true) return false;
  return true;
}

/**
 * For each letter those that follow it in eight or more of some 8,000 words of documentation, types and interfaces:
 * 93 % of such words have no other neighbours, of eight random letters 3 %.
 */
const NEIGHBOURS = new Map(
  (
    'abcdfgiklmnprstuvwxyz babceilmorstuy cacdehiklorstuy dabdefgijlmnorstuvy eabcdefghijklmnopqrstuvwxy ' +
    'faefilorstuy gaeghilmnorsuy haeilmnorstuy iabcdefgklmnoprstvxz jaeosu kaeilnosuy labcdefgiklmopstuvy ' +
    'mabdeilmopsuy nabcdefghijklmnoprstuvy oabcdefghijklmnoprstuvwxy padehilmoprstuy qlu ' +
    'rabcdefgiklmnoprstuvwy sacdefhiklmnoprstuvwy tacdefghilmnoprstuwy uabcdefgilmnoprstu vaeio waehilnors ' +
    'xaceipt yabceilmnopst zaeio'
  )
    .split(' ')
    .map(([first = '', ...followers]) => [first, followers.join('')]),
);

/** Short words and abbreviations, too short to be told by their letters. */
const KNOWN = wordSet(
  'api app url uri key pwd jwt otp sso sql xml csv pdf png jpg svg html http https css dev int max min num new old ' +
    'the for and all out sub sum day end pre log map doc get set row tab web foo bar baz eur usd utc tmp tls ssl ssh ' +
    'ftp dns aws gcp gpt llm cpu gpu ram ios mac lib bin src cfg env arg ref tag acl iam arn pem rsa dsa hmac aes ' +
    'sha md5 utf hex json yaml toml smtp imap ldap oauth saml oidc mqtt amqp grpc soap wsdl xpath nginx mysql psql',
);

/** What stands between words and says nothing of a text. */
const SHORT = wordSet('id v to of my in on by is ok no db ui ip os ai us eu de en fr es x t n at or as up fk pk ts js');

/** How many bits a sign of the text carries, by how often each comes. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}
