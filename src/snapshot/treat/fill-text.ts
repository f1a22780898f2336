import { hasMarker } from '../secrets/marker.ts';
import { locateSecrets } from './locate.ts';
import { mergeLines, type WantedLine } from './merge-lines.ts';
import {
  canBeThere,
  fillTemplate,
  isMarker,
  MAX_MARKED_LINES,
  secretsIn,
  templateOf,
  withMarkers,
} from './template.ts';

/** A text of a snapshot with the secrets of the target in it, as far as they are found there. */
export interface FilledText {
  readonly text: string;
  /** Lines of the target, from 1, that stay as they are although the snapshot has others: the secret may be in them. */
  readonly kept: readonly number[] | 'all';
  /** Whether there is a marker in it still: the target has no secret at its place. */
  readonly missing: boolean;
}

/**
 * Puts the secrets that the target's text has into the text of the snapshot. Lines without a marker are those of the
 * snapshot. A line whose secret is not found for sure stays as the target has it, so that no secret is lost.
 * @param plain makes what stands around markers n8n's own again
 */
export function fillText(stored: string, target: string, plain: (text: string) => string): FilledText {
  const whole = secretsIn(templateOf(stored, plain), target, canBeThere);
  if (whole) return { text: target, kept: [], missing: whole.some(isMarker) };
  const asItIs: FilledText = { text: target, kept: 'all', missing: false };
  const lines = stored.split('\n');
  const marked = new Set(lines.filter(hasMarker));
  if (marked.size > MAX_MARKED_LINES) return asItIs;
  const targetLines = target.split('\n');
  const distinct = [...new Set(targetLines)];
  const found = new Map([...marked].map((line) => [line, findLine(line, distinct, target, plain)]));
  const merged = mergeLines(
    lines.map((line) => found.get(line) ?? unmarked(plain(line))),
    targetLines,
  );
  if (!merged) return asItIs;
  const missing = merged.missing || [...found.values()].some((line) => line.missing);
  return { text: merged.lines.join('\n'), kept: merged.kept, missing };
}

function unmarked(line: string): WantedLine {
  return { text: line, source: line, otherwise: line };
}

/** A line with its secret, from the one line of the target that it can be, or from what was made of that. */
function findLine(
  line: string,
  targetLines: readonly string[],
  target: string,
  plain: (text: string) => string,
): WantedLine & { missing: boolean } {
  const template = templateOf(line, plain);
  const otherwise = withMarkers(template);
  const candidates = targetLines.flatMap((text) => {
    const own = secretsIn(template, text, canBeThere);
    return own ? [{ text, own }] : [];
  });
  const [only] = candidates;
  const lost = { text: null, source: null, otherwise, missing: false };
  if (candidates.length > 1) return lost;
  if (only) return { text: only.text, source: only.text, otherwise, missing: only.own.some(isMarker) };
  const secrets = locateSecrets(template, target);
  if (!secrets) return lost;
  const filled = fillTemplate(template, (_, index) => secrets[index]!);
  return { text: filled, source: null, otherwise, missing: secrets.some(isMarker) };
}
