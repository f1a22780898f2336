import { configJsonSchema } from '../../config/schema/json-schema.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import type { Invocation } from '../invocation.ts';

/** `flowkeep config schema`: the JSON Schema, for editors. */
export async function run({ io }: Invocation): Promise<ExitCode> {
  io.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return EXIT.done;
}
