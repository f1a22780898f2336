import { createRequire } from 'node:module';

/** flowkeep's own version, from package.json, which is beside both src and dist. */
export function flowkeepVersion(): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return version;
}
