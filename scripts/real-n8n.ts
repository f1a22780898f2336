/**
 * Starts a real n8n by hand: `node scripts/real-n8n.ts [--licensed] [--dir FOLDER]`. Prints N8N_URL and N8N_API_KEY
 * as lines that a shell can take over, and runs until Ctrl-C or SIGTERM. Without --dir everything is gone afterwards.
 */
import { parseArgs } from 'node:util';
import { startN8n } from '../test/support/n8n/start.ts';

const { values } = parseArgs({
  options: { licensed: { type: 'boolean', default: false }, dir: { type: 'string' } },
});

const stopRequested = Promise.withResolvers<void>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopRequested.resolve());

await using n8n = await startN8n({
  licensed: values.licensed,
  ...(values.dir === undefined ? {} : { dir: values.dir }),
});
process.stdout.write(`N8N_URL=${n8n.url}\nN8N_API_KEY=${n8n.apiKey}\n`);
await stopRequested.promise;
