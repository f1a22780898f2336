/** Whether git takes this as the name of a branch (git check-ref-format, and a little stricter), never as an option. */
export function isBranchName(name: string): boolean {
  return /^[\w][\w./-]*$/.test(name) && !/\.\.|\/\/|\/\.|\.$|\/$|\.lock(\/|$)/.test(name);
}
