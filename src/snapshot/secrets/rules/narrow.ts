import type { Span } from '../hit.ts';
import { isPlaceholder } from './placeholder.ts';
import { isPassword } from './plausible.ts';

/** What stands in front of a secret in some of secretlint's matches: `postgres://user:`, `AWS_SECRET_ACCESS_KEY=`. */
const LEADS: readonly RegExp[] = [
  /^(?:jdbc:)?[a-z][a-z\d+.-]{1,20}:\/\/[^\s/:@]{0,100}:(?<secret>[^@\s]{1,200})@/di,
  /^["']?[A-Za-z_]{1,60}["']?\s{0,8}(?:=>|[:=])(?!\/\/)\s{0,8}["']?(?<secret>[^\s"']{8,400})/d,
];

/**
 * The secret in what another's rule takes for one: without the address or the name that it stands in. Nothing where
 * that is a placeholder.
 */
export function narrowed({ start, end, rule }: Span, text: string): Span[] {
  const match = text.slice(start, end);
  for (const lead of LEADS) {
    const place = lead.exec(match)?.indices?.groups?.secret;
    if (place === undefined) continue;
    const [from, to] = place;
    const secret = match.slice(from, to);
    return isPassword(secret) ? [{ start: start + from, end: start + to, rule }] : [];
  }
  return isPlaceholder(match) ? [] : [{ start, end, rule }];
}
