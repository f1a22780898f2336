import type { InstanceConfig } from '../config/types.ts';
import { UsageError } from '../lib/errors.ts';

/**
 * The instance of a command or flag that handles one at a time. `what`: `export`, `--html`
 * @throws UsageError where several were chosen
 */
export function requireOne(what: string, instances: readonly InstanceConfig[]): InstanceConfig {
  const [first, ...others] = instances;
  if (first && others.length === 0) return first;
  const names = instances.map(({ name }) => name).join(', ');
  throw new UsageError(`${what} handles one instance at a time`, `Choose one with --instance: ${names}`);
}
