import { anyOf } from './any-of.ts';

/** git's words for damage of a repository (2.32 to 2.39). What its server says of itself begins with `remote: `. */
const WORDS = anyOf(
  // Objects, loose and packed.
  /object file .* is empty|(loose|packed) object .* is corrupt|corrupt loose object|unable to (unpack|parse) .*header/,
  /inflate: data stream error|garbage at end of loose object|hash mismatch|bad packed object|corrupt packed object/,
  /bad object|missing (blob|tree|commit)|bad (tree|blob|commit)|not a (tree|commit|blob) object|object corrupt or missing/,
  /Not a valid object( name:?)? '?[0-9a-f]{40}|is not a valid object|does not point to a valid object/,
  /(Could not|unable to|failed to|cannot) read (object |tree |blob |commit |commit object |delta.base object )?'?[0-9a-f]{40}/,
  /(Could not|unable to) parse (object|commit) '?[0-9a-f]{40}|Failed to traverse parents|unable to read tree/,
  /bogus commit|Can't load tree|Not a (commit|tree|blob)|invalid (object|sha1 pointer)|unable to find [0-9a-f]{40}/,
  /(empty filename|malformed mode) in tree entry|too-short tree|truncated tree|corrupt (author|commit|tag)/,
  /unable to stream [0-9a-f]{40}|file .* is (far )?too short|file .* is not a GIT packfile/,
  /broken link|did not send all necessary objects|remote did not send|does not have the commit/,
  // Packs and what is derived from them.
  /packfile .* (is truncated|does not match|cannot be accessed|has|claims|index|is far too short|is not)/,
  /(index file|wrong index) .*|(corrupt|non-monotonic) index|index .*(unavailable|is too small|is corrupt)/,
  /(commit-graph|multi-pack-index|reverse-index|bitmap|midx).*(small|signature|version|corrupt|match|hash|missing|out of)/i,
  // Refs and the files beside them.
  /reference broken|broken ref|unable to resolve reference|bad ref |unexpected line in |broken symref/,
  /bad shallow line|shallow file .*(corrupt|bad)|unterminated line in/,
  /bad config line|bad (config|numeric config) (value|variable)|bad (index|signature) |index file (corrupt|smaller)/,
  /Unexpected (tail )?checksum|disk corruption/,
);

const lines = (start: string): RegExp => new RegExp(`^${start}.*(${WORDS.source})`, 'm');

/** The repository here is damaged. */
export const DAMAGED_HERE = lines('(?!remote: )');
/** The one that the server has is. */
export const DAMAGED_THERE = lines('remote: ');
