import { configJsonSchema } from '../../config/schema/json-schema.ts';
import { alertSchema } from '../../daemon/notify/registry.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import type { Invocation } from '../invocation.ts';

/** `flowkeep config schema`: the JSON Schema, for editors. */
export async function run({ io }: Invocation): Promise<ExitCode> {
  io.stdout.write(`${JSON.stringify(configJsonSchema(alertSchema), null, 2)}\n`);
  return EXIT.done;
}
