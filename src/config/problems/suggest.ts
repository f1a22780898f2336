import { closest, distance } from 'fastest-levenshtein';

/** At most this part of a word's letters may differ for it to count as a slip of the other. */
const TOLERANCE = 0.4;

/** The number of wrong letters up to which a word counts as mistyped. */
const SLIP = 2;

/**
 * The name that was probably meant, or null: one that differs by a slip, else one that has every word of the name
 * (FLOWKEEP_PORT: FLOWKEEP_HTTP_PORT), else the closest. Case, dashes and underscores do not count as differences.
 */
export function suggest(name: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const plain = new Map(known.map((candidate) => [simplified(candidate), candidate]));
  const wanted = simplified(name);
  const best = closest(wanted, [...plain.keys()]);
  const letters = distance(wanted, best);
  const longer = letters > SLIP ? known.find((candidate) => hasWordsOf(candidate, name)) : undefined;
  if (longer !== undefined) return longer;
  if (letters > Math.max(1, Math.floor(wanted.length * TOLERANCE))) return null;
  return plain.get(best) ?? null;
}

/** A remedy that names what was probably meant, or else everything that is known. */
export function remedyFor(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  return meant === null ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`;
}

function hasWordsOf(candidate: string, name: string): boolean {
  const words = candidate.toLowerCase().split(/[-_]/);
  return name
    .toLowerCase()
    .split(/[-_]/)
    .every((word) => words.includes(word));
}

function simplified(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
