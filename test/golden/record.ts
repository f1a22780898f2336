import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson, isJsonObject, type Json } from '../../src/lib/json/json.ts';
import { README_PATH } from '../../src/snapshot/format/paths.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { latestFiles, takeBackup } from '../support/backup.ts';
import { startReplay, type Answers } from './replay.ts';

/**
 * Records what an n8n answers to a backup, and the snapshot of it: `node test/golden/record.ts URL KEY FOLDER`. For a
 * new version of the snapshot format only; see README.md.
 */
const [url = '', apiKey = '', folder = ''] = process.argv.slice(2);
const answers: Answers = {};
await using recorder = await startReplay(answers, { url, apiKey });
await takeBackup({ url: recorder.url, apiKey });
writeFileSync(join(folder, 'answers.json'), canonicalJson(withoutSecrets(answers)));

const store = new MemoryStore();
await using replay = await startReplay(answers);
await takeBackup({ url: replay.url, apiKey: 'replayed' }, { store });
for (const [path, content] of await latestFiles(store)) {
  if (path === README_PATH) continue; // a page for people, not part of the format
  const file = join(folder, 'snapshot', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** The answers hold no secret, since the API gives none; this makes sure that no key of the recording is among them. */
function withoutSecrets(value: Answers): Json {
  const text = JSON.stringify(value);
  if (text.includes(apiKey)) throw new Error('the key is among the answers');
  const json = JSON.parse(text) as Json;
  return isJsonObject(json) ? json : {};
}
