import { UsageError } from '../lib/errors.ts';
import { KINDS, kindOfWord, type Kind } from './kinds.ts';

/** One `--only`: a kind, and the id or name that is wanted of it; null for all of the kind. */
export interface Only {
  readonly kind: Kind;
  readonly wanted: string | null;
}

/** `workflow:Invoice sync` → its kind and what is wanted of it. A name may hold colons. @throws UsageError */
export function parseOnly(text: string): Only {
  const colon = text.indexOf(':');
  const word = (colon < 0 ? text : text.slice(0, colon)).trim();
  const kind = kindOfWord(word);
  if (kind === null) {
    throw new UsageError(
      `invalid --only ${JSON.stringify(text)}: unknown kind ${JSON.stringify(word)}`,
      `Write a kind, or a kind and a name or an id (workflow:Invoice sync). Kinds: ${KINDS.join(', ')}.`,
    );
  }
  const wanted = colon < 0 ? null : text.slice(colon + 1).trim();
  if (wanted === '') {
    throw new UsageError(
      `invalid --only ${JSON.stringify(text)}: expected a name or an id after the colon`,
      `Write ${word}:NAME, or ${word} alone for all of them.`,
    );
  }
  return { kind, wanted };
}

/** A name as `--only` compares it: without regard to case, to spaces around it and to how accents are encoded. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase().trim();
}
