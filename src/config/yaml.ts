import { LineCounter, parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml';
import { ConfigError, type ConfigProblem } from './problems/errors.ts';

/** What the parser's codes mean. Its own messages are not used: they repeat parts of the text, secrets among them. */
const MEANINGS: Record<string, string> = {
  BAD_ALIAS: 'an alias (*name) does not fit here',
  BAD_DQ_ESCAPE: 'an escape in double quotes is not valid',
  BAD_INDENT: 'the indent is wrong',
  BAD_SCALAR_START: 'a plain text must not begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a key and its value are nested where they cannot be: a second colon or a wrong indent',
  DUPLICATE_KEY: 'this key is given twice',
  MISSING_CHAR: 'a character is missing: a closing quote or bracket, a comma, or a colon with a blank after it',
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines: is a colon missing?',
  MULTIPLE_DOCS: 'there is more than one document (---)',
  NON_STRING_KEY: 'a key is not text',
  TAB_AS_INDENT: 'a tab is used as indent; use blanks',
  TAG_RESOLVE_FAILED: 'tags (!name) are not supported',
  UNEXPECTED_TOKEN: 'something does not belong here: is the indent right?',
};

/**
 * The document in a YAML text, duplicate keys and custom tags refused.
 * @throws ConfigError with the line and column of every syntax error
 */
export function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, merge: true });
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0)
    throw new ConfigError(
      errors.map((error) => problemOf(error, lineCounter)),
      file,
    );
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    // An alias without its anchor, or aliases of aliases that would fill the memory. The parser's own error names the
    // alias, which may be a pasted secret, so it is not kept as the cause.
    const message = 'an alias (*name) has no anchor before it, or aliases are nested too deeply';
    throw new ConfigError([{ path: 'YAML', message, remedy: 'write the values out' }], file);
  }
}

function problemOf(error: YAMLParseError | YAMLWarning, lines: LineCounter): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0]);
  return { path: `line ${line}, column ${col}`, message: MEANINGS[error.code] ?? 'this is not valid YAML' };
}
