// Chunks that commit together, each with its row of the ledger. Engine thread.
//
// An image can only be attached while no transaction runs: a group's are attached as they come, and their rows inserted
// when the group commits. Columns are the caller's: they are inserted at once, and the group ends with them.
import type { Database } from 'better-sqlite3';
import type { ImagePayload } from '../../batch/chunk.ts';
import { failpoint } from '../../errors/failpoint.ts';
import type { ErrorPlace } from '../../errors/ferrow-error.ts';
import { sqliteError } from './errors.ts';
import { AttachedImage, type ImageTarget } from './image-target.ts';

/** The chunk's row of the ledger; both calls belong into its transaction. */
export interface ChunkRecord {
  /** The chunk was committed before: a retry of what succeeded. */
  isDone(): boolean;
  record(): void;
}

/** A chunk of the group. Its rows one by one are for finding the one that broke a constraint. */
export interface GroupMember {
  readonly record: ChunkRecord;
  readonly rowCount: number;
  insertAll(): void;
  insert(row: number): void;
  keyOf(row: number): Record<string, string>;
}

/**
 * Of a file that holds data, whose commits are flushed one by one; SQLite attaches ten databases at most. Measured over 2 M
 * rows: 2.9 to 5.9 s with one image a group, 1.1 to 2.5 s with four, no better with eight. Where nothing is flushed a group has one
 * image: the thread's work then comes evenly, and the workers never wait for a long commit.
 */
const IMAGES_MAX = 8;
const IMAGES_BYTES = 6 * 1024 * 1024;

export class WriteGroup {
  readonly #db: Database;
  readonly #place: ErrorPlace;
  readonly #imagesMax: number;
  readonly #members: GroupMember[] = [];
  readonly #images: AttachedImage[] = [];
  #imageBytes = 0;
  /** Its transaction is a part of another, which goes on behind it. */
  readonly #inside: boolean;
  #isOpen = false;
  /** Members whose rows are in the open transaction. */
  #inserted = 0;

  /** `flushed`: each commit waits for the disk. */
  constructor(db: Database, place: ErrorPlace, flushed: boolean, inside: boolean) {
    this.#db = db;
    this.#place = place;
    this.#inside = inside;
    this.#imagesMax = flushed ? IMAGES_MAX : 1;
  }

  get isLarge(): boolean {
    return this.#images.length >= this.#imagesMax || this.#imageBytes >= IMAGES_BYTES;
  }

  add(member: GroupMember): void {
    this.#members.push(member);
  }

  /** Attaches an image until the group ends. @throws FerrowError, after all was undone */
  attach(target: ImageTarget, payload: ImagePayload): AttachedImage {
    try {
      const image = new AttachedImage(this.#db, `ferrow_image_${this.#images.length}`, target, payload);
      this.#images.push(image);
      this.#imageBytes += payload.bytes.byteLength;
      return image;
    } catch (error) {
      this.undo();
      throw sqliteError(error, 'write', this.#place);
    }
  }

  /**
   * Inserts what is not yet, and commits it with the records; `end` is recorded behind them, or alone.
   * @returns seconds
   * @throws FerrowError, after all was undone
   */
  commit(end?: ChunkRecord): number {
    if (this.#members.length === 0 && !end) return 0;
    const started = performance.now();
    this.insert();
    try {
      if (end && !end.isDone()) end.record();
      failpoint('group.written');
      this.#db.exec(this.#inside ? 'RELEASE ferrow_group' : 'COMMIT');
      this.#isOpen = false;
      return (performance.now() - started) / 1000;
    } catch (error) {
      throw sqliteError(error, 'write', this.#place);
    } finally {
      this.undo();
    }
  }

  /** Undoes what was not committed, and lets go of the images. */
  undo(): void {
    this.#rollback();
    this.#members.length = 0;
    this.#inserted = 0;
    for (const image of this.#images.splice(0)) image.detach();
    this.#imageBytes = 0;
  }

  /** Inserts what is not yet, but for chunks that are done, and leaves the transaction open. @throws as `commit` */
  insert(): void {
    let at = this.#inserted;
    try {
      this.#begin();
      for (; at < this.#members.length; at++) {
        const { record, insertAll } = this.#members[at];
        if (record.isDone()) continue;
        insertAll();
        record.record();
      }
      this.#inserted = at;
    } catch (error) {
      this.#rollback();
      const failure = sqliteError(error, 'write', this.#place);
      const place = failure.code === 'E_CONSTRAINT' ? this.#culprit(at) : {};
      this.undo();
      throw failure.at(place);
    }
  }

  /** Finds the row of the member that broke a constraint by inserting row by row, and takes all back. */
  #culprit(failed: number): ErrorPlace {
    this.#begin();
    const { rowCount, insert, keyOf } = this.#members[failed];
    let row = 0;
    try {
      for (const { record, insertAll } of this.#members.slice(0, failed)) if (!record.isDone()) insertAll();
      for (; row < rowCount; row++) insert(row);
      return {};
    } catch {
      return { row: keyOf(row) };
    } finally {
      this.#rollback();
    }
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#db.exec(this.#inside ? 'SAVEPOINT ferrow_group' : 'BEGIN IMMEDIATE');
    this.#isOpen = true;
  }

  /** SQLite itself ends a transaction after some errors. */
  #rollback(): void {
    if (this.#isOpen && this.#db.inTransaction)
      this.#db.exec(this.#inside ? 'ROLLBACK TO ferrow_group; RELEASE ferrow_group' : 'ROLLBACK');
    this.#isOpen = false;
  }
}
