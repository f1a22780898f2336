// Small documents with compare-and-swap, kept as refs beside the branch.

import { randomUUID } from 'node:crypto';
import { RepositoryDamage } from '../repair/repository-damage.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../errors.ts';
import type { StoredDocument } from '../../store.ts';
import { type CatFileAnswer, catFile } from '../commit/blobs.ts';
import { signOffOf } from '../commit/identity.ts';
import { writeCommit } from '../commit/fast-import.ts';
import type { GitContext } from '../process/git-environment.ts';
import { commonDirOf } from '../repair/places.ts';
import { isRefContent } from '../repository/locate.ts';
import type { GitAuthor } from '../options.ts';
import { CONTENT, documentRef } from './document-ref.ts';

/** Where a document's ref lives; null: there is no repository yet. */
export interface DocumentPlace {
  /** The repository with the ref as it is now. */
  refresh(ref: string, signal?: AbortSignal): Promise<GitContext | null>;
  /** As `refresh`, but creates the repository. */
  prepare(ref: string, signal?: AbortSignal): Promise<GitContext>;
  /** The ref to write a new version to, if not the document's own. */
  outgoing(ref: string): string;
  /** Makes a written version the newest: false where another writer was first. */
  publish(
    context: GitContext,
    version: { readonly ref: string; readonly outgoing: string; readonly oid: string },
    signal?: AbortSignal,
  ): Promise<boolean>;
}

interface Version {
  readonly oid: string;
  /** null: removed. */
  readonly content: Buffer | null;
}

/**
 * A document is a ref below refs/flowkeep/documents. Each version is a commit on top of the one before, so that a
 * plain push, never a forced one, is the compare-and-swap: a commit that does not descend from the newest version is
 * refused. A removed document is a version without a file, for the same reason. Errors are git's own or StoreErrors.
 */
export class GitDocuments {
  readonly #place: DocumentPlace;
  readonly #author: GitAuthor;

  constructor(place: DocumentPlace, author: GitAuthor) {
    this.#place = place;
    this.#author = author;
  }

  async read(name: string, signal?: AbortSignal): Promise<StoredDocument | null> {
    const ref = documentRef(name);
    const context = await this.#place.refresh(ref, signal);
    const version = context && (await readVersion(context, ref, signal));
    return version?.content ? { content: version.content, version: version.oid } : null;
  }

  async write(name: string, content: Uint8Array, expected: string | null, signal?: AbortSignal): Promise<string> {
    const ref = documentRef(name);
    const context = await this.#place.prepare(ref, signal);
    const current = await readVersion(context, ref, signal);
    const currentVersion = current?.content ? current.oid : null;
    if (currentVersion !== expected) throw conflict(name);
    return this.#append(context, name, current?.oid ?? null, content, signal);
  }

  async remove(name: string, expected: string, signal?: AbortSignal): Promise<void> {
    const ref = documentRef(name);
    const context = await this.#place.refresh(ref, signal);
    if (!context) return;
    const current = await readVersion(context, ref, signal);
    if (!current?.content) return;
    if (current.oid !== expected) throw conflict(name);
    await this.#append(context, name, current.oid, null, signal);
  }

  async #append(
    context: GitContext,
    name: string,
    parent: string | null,
    content: Uint8Array | null,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const ref = documentRef(name);
    const outgoing = this.#place.outgoing(ref);
    // Two writers of the same bytes at the same second must not make the same commit: only one of them wins.
    const trailers = [`Flowkeep-Write: ${randomUUID()}`, ...signOffOf(this.#author)].join('\n');
    const message = `${content ? 'Write' : 'Remove'} ${JSON.stringify(name)}\n\n${trailers}\n`;
    const time = Math.floor(Date.now() / 1000);
    const commit = { ref: outgoing, parent, message, author: this.#author, time, folder: CONTENT };
    const written = await writeCommit(
      context,
      commit,
      (out) => (content ? out.file(CONTENT, content) : out.remove(CONTENT)),
      signal,
    );
    const version = { ref, outgoing, oid: written.oid };
    if (!written.refMoved || !(await this.#place.publish(context, version, signal))) throw conflict(name);
    return written.oid;
  }
}

async function readVersion(context: GitContext, ref: string, signal: AbortSignal | undefined): Promise<Version | null> {
  const answers: (CatFileAnswer | null)[] = [];
  // The other names are made from the first answer: all are of one version, whatever others write meanwhile.
  const names = function* (): Generator<string> {
    yield `${ref}^{commit}`;
    const oid = answers[0]?.oid;
    if (oid === undefined) return;
    yield `${oid}:${CONTENT}`;
    if (!answers[1]) yield `${oid}^{tree}`;
  };
  for await (const answer of catFile(context, names(), signal)) answers.push(answer);
  const [commit, content, tree] = answers;
  if (!commit) {
    await refuseBrokenRef(context, ref);
    return null;
  }
  // A removed document is a version with an empty folder.
  if (!content && tree?.content.length !== 0) throw damagedDocument(context, ref);
  return { oid: commit.oid, content: content?.content ?? null };
}

/** @throws StoreError `integrity` where the ref's file names nothing; git takes such a ref for none */
async function refuseBrokenRef(context: GitContext, ref: string): Promise<void> {
  const text = await readFile(join(commonDirOf(context), ref), 'utf8').catch(() => null);
  if (text !== null && !isRefContent(text)) throw damagedDocument(context, ref);
}

function damagedDocument(context: GitContext, ref: string): StoreError {
  return new RepositoryDamage(
    `the document ${ref} in ${commonDirOf(context)} is damaged`,
    'Run `flowkeep backup`: it puts the newest version back that can be read.',
  );
}

function conflict(name: string): StoreError {
  return new StoreError('conflict', `another writer changed the document ${name}`, {
    remedy: 'Wait for the other run to end, then run again.',
  });
}
