import type { GitAuthor } from '../options.ts';

/** `Name <address>`, as a commit has it, without what would end either. */
export function identityOf({ name, email }: Omit<GitAuthor, 'signOff'>): string {
  return `${harmless(name)} <${harmless(email)}>`;
}

/** The line by which an author signs a commit off (Developer Certificate of Origin), as `git commit --signoff` does. */
export function signOffOf(author: GitAuthor): string[] {
  return author.signOff === true ? [`Signed-off-by: ${identityOf(author)}`] : [];
}

function harmless(text: string): string {
  return text.replace(/[<>\u0000-\u001f]+/g, ' ').trim() || 'flowkeep';
}
