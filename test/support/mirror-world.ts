import { renameSync } from 'node:fs';
import type { Logger } from '../../src/lib/logger.ts';
import type { GitStoreOptions } from '../../src/store/git/options.ts';
import { createGitStore } from '../../src/store/git/store.ts';
import type { SnapshotDraft, Store } from '../../src/store/store.ts';
import { makeDraft } from './drafts.ts';
import { GitFolder } from './git-folder.ts';

/** A folder `here` that is pushed to the bare repository `remote`, and what happens to that. */
export class MirrorWorld extends GitFolder {
  readonly warnings: string[] = [];

  constructor() {
    super();
    this.createRepository('remote', '--bare');
  }

  /** The store with the folder. Each call is a run of its own. */
  run(): Store {
    return this.open({ path: this.at('here') });
  }

  /** The store with the remote alone, unless the options say otherwise. */
  open(options: Partial<GitStoreOptions> = {}): Store {
    return createGitStore({
      name: 'repo',
      remote: `file://${this.at('remote')}`,
      cacheDir: this.at('cache'),
      clock: { now: Date.now, random: Math.random, sleep: async () => undefined },
      logger: this.#logger(),
      env: process.env,
      ...options,
    });
  }

  /** The snapshots of a branch, the last one first. */
  ids(repository: string, ref = 'main'): string[] {
    return lines(this.git(repository, 'log', '--format=%(trailers:key=Flowkeep-Snapshot,valueonly)', ref));
  }

  /** The content of every object that a ref of the repository leads to. */
  everything(repository: string): string {
    const oids = lines(this.git(repository, 'rev-list', '--objects', '--all', '--no-object-names'));
    return this.gitWithInput(repository, oids.join('\n'), 'cat-file', '--batch');
  }

  refs(repository: string, below: string): string[] {
    return lines(this.git(repository, 'for-each-ref', '--format=%(refname)', below));
  }

  takeDown(): void {
    renameSync(this.at('remote'), this.at('away'));
  }

  bringUp(): void {
    renameSync(this.at('away'), this.at('remote'));
  }

  /** Rewrites the remote's history as somebody does who purges a word from it. */
  purge(word: string): void {
    const filter = `sed -i s/${word}/purged/g prod/* 2>/dev/null || true`;
    this.git('.', 'clone', '--quiet', this.at('remote'), this.at('purging'));
    this.git('purging', 'filter-branch', '-f', '--tree-filter', filter, 'main');
    this.git('purging', 'push', '--quiet', '--force', 'origin', 'main');
    this.git('remote', 'reflog', 'expire', '--expire=now', '--all');
    this.git('remote', 'gc', '--quiet', '--prune=now');
  }

  /** Lets the remote refuse each push with a commit in which a file holds this word. */
  refuse(word: string, says: readonly string[]): void {
    this.hook([
      'while read old new ref; do',
      '  for commit in $(git rev-list "$new" --not --all); do',
      `    if git grep -q ${word} "$commit"; then cat >&2 <<'END'`,
      ...says,
      'END',
      '    exit 1; fi',
      '  done',
      'done',
    ]);
  }

  /** The remote's pre-receive hook. */
  hook(script: readonly string[]): void {
    this.write('remote/hooks/pre-receive', `${['#!/bin/sh', ...script].join('\n')}\n`);
    this.makeExecutable('remote/hooks/pre-receive');
  }

  #logger(): Logger {
    const nothing = (): void => undefined;
    return { debug: nothing, info: nothing, warn: (_fields, text) => void this.warnings.push(text), error: nothing };
  }
}

export function day(number: number, content: string, instance = 'prod'): SnapshotDraft {
  return makeDraft({ instance, takenAt: `2025-11-0${number}T06:00:00Z`, files: { 'a.json': content } });
}

export function idsOf(...drafts: readonly SnapshotDraft[]): string[] {
  return drafts.map(({ info }) => info.id);
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
