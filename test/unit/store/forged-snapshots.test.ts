import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restore } from '../../../src/jobs/restore/restore.ts';
import { openVerified } from '../../../src/jobs/snapshots/open-verified.ts';
import { verify } from '../../../src/jobs/verify/verify.ts';
import { FlowkeepError } from '../../../src/lib/errors.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { noProgress } from '../../../src/lib/progress.ts';
import { systemClock } from '../../../src/lib/time.ts';
import type { SnapshotInfo, Store } from '../../../src/store/store.ts';
import { clientFor, takeBackup } from '../../support/backup.ts';
import { encrypted, newKeys, type EncryptedOptions } from '../../support/encryption.ts';
import { KEYLESS, WITH_A_KEY, type Edit } from '../../support/hostile/forgery/forger.ts';
import { gitPlace, s3Place, type Place, type RawSnapshot } from '../../support/hostile/forgery/place.ts';
import { Random } from '../../support/hostile/forgery/random.ts';
import { jobFor } from '../../support/restore/run.ts';
import { startStandIn, type StandIn } from '../../support/stand-in/start.ts';
import { addVariable } from '../../support/stand-in/variables.ts';
import { addWorkflow, saveOneNode } from '../../support/stand-in/workflow-actions.ts';

/**
 * Random edits of encrypted stores, by somebody without a key, with one of two public keys, and with both; a digest key
 * is set. Nothing may pass but an untouched snapshot, and a whole older one. FLOWKEEP_FORGERIES sets how many edits of
 * each store (`npm run test:forgeries`: 500), FLOWKEEP_FORGERY_SEED which.
 */
const COUNT = Number(process.env.FLOWKEEP_FORGERIES ?? 8);
const SEED = Number(process.env.FLOWKEEP_FORGERY_SEED ?? 20_261_128);
const signal = new AbortController().signal;

type Content = Map<string, string>;
interface Known {
  readonly info: SnapshotInfo;
  readonly content: Content;
}
interface Said {
  readonly verify: string;
  readonly restore: string;
  readonly export: string;
  /** What was exported. */
  readonly content: Known | null;
}

let n8n: StandIn;
let other: StandIn;
let recipients: string[];
let options: EncryptedOptions;

beforeAll(async () => {
  n8n = await startStandIn({ licensed: true });
  other = await startStandIn({ licensed: true });
  const keys = [await newKeys(), await newKeys()];
  recipients = keys.map(({ recipient }) => recipient);
  const [recipient = '', second = ''] = recipients;
  options = { recipient, second, identity: keys[0]!.identity, digestKey: 'a long random text' };
});
afterAll(async () => {
  await n8n.stop();
  await other.stop();
});

/** Three snapshots, each with another w1. */
async function fill(place: Place): Promise<void> {
  n8n.state.workflows.clear();
  n8n.state.variables.clear();
  addWorkflow(n8n.state, { id: 'w1', name: 'Lighthouse sync' });
  addWorkflow(n8n.state, { id: 'w2', name: 'Other' });
  addVariable(n8n.state, { key: 'anchorage', value: 'breakwater', projectId: null });
  for (const name of ['First', 'Second', 'Third']) {
    saveOneNode(n8n.state, 'w1', name);
    if (name === 'Second') addWorkflow(n8n.state, { id: 'w3', name: 'Third' });
    await using store = daemon(place);
    await takeBackup(n8n, { store });
  }
}

const owner = (place: Place): Store => encrypted(place.open(), options);
const daemon = (place: Place): Store => encrypted(place.open(), { ...options, identity: undefined as never });

async function said(store: Store): Promise<Said> {
  const open = () => openVerified([store], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal });
  const attempt = async <T>(action: () => Promise<T>): Promise<T | string> =>
    action().catch((error: unknown) => {
      if (error instanceof FlowkeepError) return `exit ${error.exitCode} ${error.code}`;
      throw error;
    });
  const verified = await attempt(async () => {
    const common = { instance: 'prod', selector: 'latest', share: 1, progress: noProgress, clock: systemClock, signal };
    const { stores } = await verify({ ...common, stores: [store] });
    return stores[0]!.status;
  });
  const exported = await attempt(async () => {
    const { snapshot } = await open();
    const content: Content = new Map();
    for await (const [path, bytes] of snapshot.readMany(snapshot.files.keys()))
      content.set(path, Buffer.from(bytes).toString('latin1'));
    return { info: snapshot.info, content };
  });
  const planned = await attempt(async () => {
    const { snapshot, unverified } = await open();
    const client = clientFor(other);
    const job = await jobFor(client, store, { dryRun: true, snapshot: snapshot as never, unverified });
    return (await restore({ ...job, snapshot }).finally(() => client.close())).status;
  });
  const isText = typeof exported === 'string';
  return {
    verify: verified,
    restore: planned,
    export: isText ? exported : 'exported',
    content: isText ? null : exported,
  };
}

describe.each([
  ['git', gitPlace],
  ['s3', s3Place],
])('an encrypted store in %s', (_type, makePlace) => {
  it(
    'an encrypted store lets nothing pass that was edited, and the next backup makes it whole again',
    { timeout: 60_000 + COUNT * 10_000 },
    async () => {
      const random = new Random(SEED);
      await using place = await makePlace();
      await fill(place);
      const genuine = place.remember();
      const known = await Promise.all(genuine.map((_, index) => knownOf(place, genuine.length - 1 - index)));
      const tally = new Map<string, number>();
      const count = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1);

      for (let index = 0; index < COUNT; index++) {
        const { name, isSpoilt } = await tamper(place, genuine, random, index);
        await using store = owner(place);
        const answers = await said(store);
        const label = `edit ${index} (seed ${SEED}): ${name}: ${JSON.stringify({ ...answers, content: undefined })}`;
        const isGenuine = answers.content !== null && known.some((each) => isSame(each, answers.content));
        const passes = [answers.verify === 'intact', answers.restore === 'planned', answers.export === 'exported'];
        if (passes.some(Boolean)) expect(isGenuine, label).toBe(true);
        for (const answer of [answers.verify, answers.restore, answers.export])
          expect(answer, label).not.toMatch(/^exit (?!5)/);
        if (!isSpoilt) expect(new Set(passes).size, label).toBe(1);
        count(`verify ${answers.verify}, restore ${answers.restore}, export ${answers.export}`);

        await using unattended = daemon(place);
        const report = await takeBackup(n8n, { store: unattended });
        const after = await said(store);
        const isWhole = after.verify === 'intact' && isSameContent(after.content, known.at(-1)!);
        if (!isSpoilt) expect(isWhole, `${label}, after the next backup: ${after.verify} ${after.export}`).toBe(true);
        count(`next backup ${report.stores[0]?.status}, then ${isWhole ? 'whole' : `${after.verify} (${name})`}`);
        place.reset();
      }
      if (COUNT > 100) console.log(place.type, COUNT, Object.fromEntries([...tally].sort()));
    },
  );
});

describe.each([
  ['git', gitPlace],
  ['s3', s3Place],
])('a file that is gone from %s', (_type, makePlace) => {
  it('a file that is gone is damage of its snapshot, with exit code 5 for every reader', async () => {
    await using place = await makePlace();
    await fill(place);
    const { meta, files } = place.remember().at(-1)!;
    const fewer = new Map(files);
    fewer.delete('tags.json.age');
    place.replaceNewest({ meta, files: fewer });

    await using store = owner(place);
    expect(await said(store)).toMatchObject({ verify: 'damaged', restore: 'exit 5 unverified' });
  });
});

describe('without a digest key', () => {
  it.each([
    ['one of two public keys is known, is not what flowkeep saved', 1],
    ['all public keys are known, passes, as check and verify warn', 2],
  ])('a snapshot that somebody made, to whom %s', async (_words, level) => {
    await using place = await s3Place();
    const own = { ...options, digestKey: undefined as never };
    addWorkflow(n8n.state, { id: 'w1', name: 'Lighthouse sync' });
    await using store = encrypted(place.open(), own);
    await takeBackup(n8n, { store });
    const forger = { random: new Random(1), genuine: place.remember(), recipients: recipients.slice(0, level) };
    place.replaceNewest(await WITH_A_KEY['a whole snapshot of its own']!(forger));

    const opening = openVerified([store], 'prod', 'latest', { clock: systemClock, logger: silentLogger, signal });
    if (level === 1) await expect(opening).rejects.toMatchObject({ code: 'unverified', exitCode: 5 });
    else expect([...(await opening).snapshot.files.keys()]).toContain('workflows/evil.w1.json');
    expect(store.weakness).toContain("the recipients' public keys alone");
  });
});

async function knownOf(place: Place, back: number): Promise<Known> {
  await using store = owner(place);
  const [chosen] = (await store.list('prod')).slice(back, back + 1);
  const snapshot = await store.open('prod', chosen!.id);
  const content: Content = new Map();
  for await (const [path, bytes] of snapshot.readMany(snapshot.files.keys()))
    content.set(path, Buffer.from(bytes).toString('latin1'));
  return { info: snapshot.info, content };
}

function isSame(known: Known, found: Known | null): boolean {
  return JSON.stringify(known.info) === JSON.stringify(found?.info) && isSameContent(found, known);
}

function isSameContent(found: Known | null, known: Known): boolean {
  return JSON.stringify([...(found?.content ?? [])]) === JSON.stringify([...known.content]);
}

/** Does the next of the edits. Each kind has its turn, with chance for the rest. */
async function tamper(
  place: Place,
  genuine: readonly RawSnapshot[],
  random: Random,
  index: number,
): Promise<{ name: string; isSpoilt: boolean }> {
  if (index % 10 === 7 && place.spoil(random)) return { name: 'stored bytes under their name', isSpoilt: true };
  const level = random.below(3);
  const edits: [string, Edit][] = Object.entries(level === 0 ? KEYLESS : { ...KEYLESS, ...WITH_A_KEY });
  const [name, edit] =
    level > 0 && random.below(2) === 0 ? random.pick(Object.entries(WITH_A_KEY)) : random.pick(edits);
  place.replaceNewest(await edit({ random, genuine, recipients: recipients.slice(0, level) }));
  return { name: `${name} (${level} public keys)`, isSpoilt: false };
}
