/**
 * Whether two lists of paths are the same files, found by counting: every path of now has the bytes of before, and
 * there are no others.
 * @param unchanged paths of now whose bytes are as before, at the same place
 */
export function sameFiles(
  before: readonly string[],
  after: readonly string[],
  unchanged: ReadonlySet<string>,
): boolean {
  return before.length === after.length && after.every((path) => unchanged.has(path));
}
