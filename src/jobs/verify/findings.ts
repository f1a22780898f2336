import { singular } from '../../kinds/kinds.ts';
import type { ItemReference } from '../../snapshot/format/references.ts';
import { parsePath } from '../../snapshot/format/paths.ts';
import type { StoreError, StoreErrorCode } from '../../store/errors.ts';
import type { SnapshotInfo } from '../../store/store.ts';

/** A file of a snapshot that damage affects. */
export interface AffectedFile {
  readonly instance: string;
  readonly snapshot: string;
  /** null: the snapshot as a whole. */
  readonly path: string | null;
  /** The item for people: `workflow invoice-sync (abc)`; null for a file that is no single item's. */
  readonly item: string | null;
}

/** One thing that is not as it was saved. */
export interface Damage {
  /** The stored object, where the store names objects. */
  readonly object: string | null;
  readonly problem: string;
  readonly affects: AffectedFile[];
}

/** A reference to what a snapshot does not hold, and the snapshots that it was found in, newest first. */
export interface DanglingReference extends ItemReference {
  readonly snapshots: string[];
}

/** An encrypted snapshot of which only the stored bytes were checked. */
export interface UnreadSnapshot {
  readonly snapshot: string;
  /** `identity-missing` or `identity-wrong`. */
  readonly reason: StoreErrorCode;
}

/** A snapshot that nothing proves to be flowkeep's; it may be whole. */
export interface UnauthenticatedSnapshot {
  readonly snapshot: string;
  /** Half sentences about "it". */
  readonly reasons: readonly string[];
}

/** Gathers what is found, each thing once however many snapshots share it. */
export class Findings {
  readonly #damage = new Map<string, Damage>();
  readonly #dangling = new Map<string, DanglingReference>();
  readonly unread: UnreadSnapshot[] = [];
  readonly unauthenticated: UnauthenticatedSnapshot[] = [];

  get damage(): Damage[] {
    return [...this.#damage.values()];
  }

  get dangling(): DanglingReference[] {
    return [...this.#dangling.values()];
  }

  /** The names of damaged objects. */
  get objects(): Set<string> {
    return new Set(this.damage.flatMap(({ object }) => object ?? []));
  }

  /** What a snapshot holds could not be read, and was not checked. */
  addUnread({ id }: SnapshotInfo, { reason }: StoreError): void {
    this.unread.push({ snapshot: id, reason });
  }

  /** Nothing proves that flowkeep saved it. */
  addUnauthenticated({ id }: SnapshotInfo, reasons: readonly string[]): void {
    this.unauthenticated.push({ snapshot: id, reasons });
  }

  /** The stored bytes of a file are not what was saved. */
  addDamaged(info: SnapshotInfo, path: string, object: string | undefined, problem: string): void {
    this.#add(object ?? `${info.instance} ${info.id} ${path}`, object ?? null, problem, affected(info, path));
  }

  /** A file is stored as it was saved, but is not what the format says: uploading it again would not help. */
  addMalformed(info: SnapshotInfo, path: string, object: string | undefined, problem: string): void {
    this.#add(`${object ?? info.id} ${path} ${problem}`, null, `${path}: ${problem}`, affected(info, path));
  }

  /** A snapshot as a whole is not right. */
  addSnapshot(info: SnapshotInfo, problem: string): void {
    const whole = { instance: info.instance, snapshot: info.id, path: null, item: null };
    this.#add(`${info.instance} ${info.id} ${problem}`, null, problem, whole);
  }

  /** Another file of the damaged object, in a snapshot that was not asked for. */
  addAffected(info: SnapshotInfo, path: string, object: string): void {
    const damage = this.#damage.get(object);
    if (damage) addOnce(damage.affects, affected(info, path));
  }

  addDangling(info: SnapshotInfo, reference: ItemReference): void {
    const { from, to, node, role } = reference;
    const key = JSON.stringify([from.kind, from.id, node, role, to.kind, to.id]);
    const found = this.#dangling.get(key) ?? { ...reference, snapshots: [] };
    if (!found.snapshots.includes(info.id)) found.snapshots.push(info.id);
    this.#dangling.set(key, found);
  }

  #add(key: string, object: string | null, problem: string, file: AffectedFile): void {
    const damage = this.#damage.get(key) ?? { object, problem, affects: [] };
    addOnce(damage.affects, file);
    this.#damage.set(key, damage);
  }
}

function addOnce(files: AffectedFile[], file: AffectedFile): void {
  const same = (other: AffectedFile): boolean => other.snapshot === file.snapshot && other.path === file.path;
  if (!files.some(same)) files.push(file);
}

function affected(info: SnapshotInfo, path: string): AffectedFile {
  return { instance: info.instance, snapshot: info.id, path, item: describeItem(path) };
}

/** The item that a file belongs to, for people; null for a file that is no one item's. */
export function describeItem(path: string): string | null {
  const at = parsePath(path);
  if (!at?.part || at.id === '' || at.role === 'schema') return null;
  if (at.part === 'workflow-state') return `static data of workflow ${at.key}`;
  const part = at.role === 'published' ? 'live version of ' : at.role === 'rows' ? 'rows of ' : '';
  return `${part}${singular(at.part)} ${at.slug} (${at.id})`;
}
