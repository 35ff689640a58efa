// One COPY … TO STDOUT as `pg` runs it: takes the connection's bytes over from the driver while rows come, and gives them
// back for what ends the COPY. Main thread. Stands in for pg-copy-streams, whose objects for each row made 1.5 of the
// 2.5 CPU seconds that 2 million rows took from server to server.
import type { Socket } from 'node:net';
import type pg from 'pg';
import { corrupt } from './codec/faults.ts';
import { type ChunkLimits, type CutRows, MessageCutter } from './codec/message-cut.ts';
import { WideSocket } from './wide-socket.ts';

/** A read of fewer bytes has emptied the socket: bytes may gather there for so long before the next. */
const SHORT_READ_BYTES = 64 * 1024;
const GATHER_MILLIS = 1;
/** Small tables are over before gathering would pay. */
const UNGATHERED_BYTES = 1024 * 1024;

type Listener = (bytes: Uint8Array) => void;

export class CopyOut implements pg.Submittable {
  readonly #sql: string;
  readonly #cutter: MessageCutter;
  #stream: Socket | null = null;
  #driver: Listener = () => {};
  readonly #listener: Listener = (bytes) => this.#onBytes(bytes);
  #receivedBytes = 0;
  #error: Error | null = null;
  /** Rows that the server says it sent, once the COPY is over. */
  #sent: number | null = null;
  #over = false;
  #gathering: NodeJS.Timeout | null = null;
  #wake: () => void = () => {};

  constructor(sql: string, columnCount: number, limits: ChunkLimits) {
    this.#sql = sql;
    this.#cutter = new MessageCutter(columnCount, limits, (bytes) => this.#driver(Buffer.from(bytes)));
  }

  /** True when all rows were taken and the connection is ready for more. */
  get whole(): boolean {
    return this.#over && this.#error === null;
  }

  /** The next rows, or null at the end. @throws what the server or the connection says, or E_CORRUPT */
  async next(): Promise<CutRows | null> {
    for (;;) {
      const rows = this.#cutter.ready.shift();
      if (rows) return rows;
      if (this.#error) throw this.#error;
      if (this.#over) return null;
      if (this.#gathering === null) this.#stream?.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  // ------------------------------------------------------------ called by pg

  submit(connection: pg.Connection): void {
    const stream = connection.stream as Socket;
    const [driver] = stream.listeners('data') as Listener[];
    this.#stream = stream;
    this.#driver = driver;
    stream.on('data', this.#listener);
    stream.removeListener('data', driver);
    if (stream instanceof WideSocket) stream.lending = true;
    connection.query(this.#sql);
  }

  handleCommandComplete(message: { text?: string }): void {
    this.#sent = Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? Number.NaN);
  }

  handleReadyForQuery(): void {
    const { whole, rowCount } = this.#cutter;
    if (!whole) this.#error ??= corrupt('the stream ended within the rows');
    else if (this.#sent !== rowCount)
      this.#error ??= corrupt(`${rowCount} rows came where the server sent ${this.#sent}`);
    this.#over = true;
    this.#wake();
  }

  handleError(error: Error): void {
    this.#giveBack();
    this.#error ??= error;
    this.#wake();
  }

  // ------------------------------------------------------------ bytes

  #onBytes(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    let taken: number;
    try {
      taken = this.#cutter.take(bytes);
    } catch (error) {
      // What comes now means nothing any more; whoever asks next hears of it, and the connection is cut off.
      this.#stream?.pause();
      this.#error ??= error as Error;
      this.#wake();
      return;
    }
    if (this.#cutter.over) {
      // First the listeners: the driver may begin its next query on what it is given now.
      this.#giveBack();
      if (taken < bytes.length) this.#driver(Buffer.from(bytes.subarray(taken)));
    } else if (this.#cutter.ready.length > 0) this.#stream?.pause();
    else this.#gather(bytes.length);
    if (this.#cutter.ready.length > 0) this.#wake();
  }

  /** Lets bytes gather: fewer and larger reads. */
  #gather(lastBytes: number): void {
    const stream = this.#stream;
    if (!(stream instanceof WideSocket) || this.#gathering !== null) return;
    if (lastBytes >= SHORT_READ_BYTES || this.#receivedBytes < UNGATHERED_BYTES) return;
    stream.pause();
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      if (this.#stream && this.#cutter.ready.length === 0) stream.resume();
    }, GATHER_MILLIS);
  }

  #giveBack(): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = null;
    if (stream instanceof WideSocket) stream.lending = false;
    stream.on('data', this.#driver);
    stream.removeListener('data', this.#listener);
    stream.resume();
  }
}
