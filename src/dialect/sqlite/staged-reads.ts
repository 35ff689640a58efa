// Reads back what a SQLite target holds, by a source over the same file: a connection of its own, whose snapshot begins
// with `partitions` and ends with the last cursor, so that it never stands in the way of a commit. Engine thread.
import type { Chunk } from '../../batch/chunk.ts';
import type { Partition, ReadRequest, SourceEngine, TableReads } from '../dialect.ts';
import type { Connection } from './connect.ts';
import { openSource, sourceOver } from './source.ts';

export class StagedReads implements TableReads {
  readonly #connection: Connection;
  readonly #plainIo: boolean;
  readonly #cursors = new Set<number>();
  #source: SourceEngine | null = null;

  readonly #isHeld: () => boolean;

  /**
   * `connection` is the target's: no transaction runs on it while reads are under way, but for one that is held open
   * (`isHeld`), whose rows it alone can see.
   */
  constructor(connection: Connection, plainIo: boolean, isHeld: () => boolean) {
    this.#isHeld = isHeld;
    this.#connection = connection;
    this.#plainIo = plainIo;
  }

  async partitions(request: ReadRequest, most: number): Promise<Partition[]> {
    await this.end();
    this.#source = await this.#open();
    return this.#source.partitions(request, most);
  }

  async openCursor(request: ReadRequest, partition: Partition): Promise<number> {
    this.#source ??= await this.#open();
    const cursor = await this.#source.openCursor(request, partition);
    this.#cursors.add(cursor);
    return cursor;
  }

  async next(cursor: number): Promise<Chunk | null> {
    return this.#source?.next(cursor) ?? null;
  }

  async closeCursor(cursor: number): Promise<void> {
    await this.#source?.closeCursor(cursor);
    this.#cursors.delete(cursor);
    if (this.#cursors.size === 0) await this.end();
  }

  async end(): Promise<void> {
    this.#cursors.clear();
    await this.#source?.close();
    this.#source = null;
  }

  /**
   * With a log, the target's own connection holds a lock of the file from its beginning to its end, which closing the
   * pages' descriptor would drop: SQLite itself reads then.
   */
  #open(): Promise<SourceEngine> {
    if (this.#isHeld()) return Promise.resolve(sourceOver(this.#connection));
    const { db, location } = this.#connection;
    const hasLog = db.pragma('journal_mode', { simple: true }) === 'wal';
    return openSource(location, { connections: 1, plainIo: this.#plainIo || hasLog });
  }
}
