import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { StandIn } from '../stand-in/start.ts';
import { startEditions, type Editions } from './editions.ts';
import { gitWorlds } from './git-world.ts';
import { S3World, s3Worlds } from './s3-world.ts';
import type { RunOptions, WorldMaker } from './world.ts';

/** What a file of crash tests works with. It ends with the file. */
export interface Scene {
  /** For the worlds of the tests. */
  readonly folder: string;
  /** The instance at a moment, counted from 1. */
  readonly edition: (number: number) => StandIn;
  /** How flowkeep runs against the instance at a moment. */
  readonly at: (edition: number) => RunOptions;
}

/** Called at the top of a test file. @param count how many moments of the instance there are */
export function prepareScene(count: number): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'flowkeep-crashes-'));
  let editions: Editions;
  beforeAll(async () => {
    editions = await startEditions(count);
  });
  afterAll(async () => {
    await editions?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const edition = (number: number): StandIn => editions.at(number);
  return {
    folder,
    edition,
    at: (number) => ({ instances: { prod: edition(number) }, env: S3World.env }),
  };
}

/** Called within a `describe`: what makes its worlds, for `S3` or a kind of git store. Asked for within a test. */
export function prepareWorlds(name: 'S3' | Parameters<typeof gitWorlds>[0], home: string): () => WorldMaker {
  let maker: WorldMaker;
  beforeAll(async () => {
    mkdirSync(join(home, 'server'), { recursive: true });
    maker = name === 'S3' ? s3Worlds() : await gitWorlds(name, join(home, 'server'));
  });
  afterAll(() => maker?.[Symbol.asyncDispose]());
  return () => maker;
}
