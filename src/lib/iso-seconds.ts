/** A time in milliseconds since 1970 as ISO 8601 in UTC with whole seconds. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
