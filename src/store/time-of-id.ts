/**
 * The time that a snapshot's id begins with, as ISO 8601: `20261123T015442Z-3f9a1c2b`. null where it begins with none,
 * as an id can that somebody else made up.
 */
export function timeOfId(id: string): string | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(id);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const time = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Number.isNaN(Date.parse(time)) ? null : time;
}
