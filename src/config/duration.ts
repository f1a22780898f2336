const MINUTE = 60_000;
const UNITS = {
  y: 365 * 24 * 60 * MINUTE,
  w: 7 * 24 * 60 * MINUTE,
  d: 24 * 60 * MINUTE,
  h: 60 * MINUTE,
  m: MINUTE,
  s: MINUTE / 60,
};

/** Milliseconds of `30s`, `30m`, `12h`, `7d`, `2w` or `1y` (365 days), or null where the text is no such duration. */
export function parseDuration(text: string): number | null {
  const match = /^([1-9]\d{0,5})([smhdwy])$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/** The shortest text that parseDuration reads as these milliseconds; less than a second is not shown. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(UNITS).find(([, size]) => ms % size === 0) ?? ['s', UNITS.s];
  return `${Math.floor(ms / size)}${unit}`;
}
