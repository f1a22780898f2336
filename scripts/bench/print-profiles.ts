import { readProfiles, type SelfTime } from './profile.ts';

const TOP = 15;

/** Prints for each profile of a folder which functions and which modules were at work, the busiest first. */
export async function printProfiles(folder: string, print: (text: string) => void): Promise<void> {
  const profiles = await readProfiles(folder, TOP);
  if (profiles.length === 0) throw new Error(`no profile was written to ${folder}`);
  for (const { file, totalMs, modules, functions } of profiles) {
    print(`\n${file}: ${totalMs.toFixed(0)} ms\n`);
    print(table('self time by module', modules, totalMs));
    print(table('self time by function', functions, totalMs));
  }
}

function table(title: string, lines: readonly SelfTime[], totalMs: number): string {
  const rows = lines.map(
    ([what, ms]) => `  ${ms.toFixed(0).padStart(7)} ms ${((100 * ms) / totalMs).toFixed(1).padStart(5)} %  ${what}\n`,
  );
  return `  ${title}\n${rows.join('')}`;
}
