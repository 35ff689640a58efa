// Watches a connection while its answer is waited for. After a silence the server is asked over a second connection; only
// what that says ends the first, never time alone. Main thread.
import type { Socket } from 'node:net';
import type pg from 'pg';
import { FerrowError } from '../../errors/ferrow-error.ts';
import { judgeSilence, type Look, lookInWords } from './silence.ts';

/** How often it is looked whether anything has moved, within the time that silence may last. */
const GLANCES = 4;

/** The second connection. Neither throws. */
export interface Asking {
  look(): Promise<Look>;
  /** Ends the server's process behind the connection. */
  endBackend(): Promise<void>;
}

const watches = new WeakMap<pg.Client, SilenceWatch>();

/** What is waited for on a connection, beside its queries: an answer that doesn't come is noticed. */
export function awaited<T>(client: pg.Client, answer: Promise<T>): Promise<T> {
  return watches.get(client)?.awaited(answer) ?? answer;
}

/** From now on until the connection ends. */
export function watchSilence(client: pg.Client, seconds: number, asking: Asking): void {
  const watch = new SilenceWatch(client, seconds, asking);
  watches.set(client, watch);
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  client.query = ((...given: unknown[]) => {
    const answer = query(...given);
    return answer instanceof Promise ? watch.awaited(answer) : answer;
  }) as typeof client.query;
}

class SilenceWatch {
  readonly #client: pg.Client;
  readonly #seconds: number;
  readonly #asking: Asking;
  #waiting = 0;
  #begun = 0;
  /** What had moved at the last glance. */
  #moved = '';
  /** Glances since then that found nothing new. Glances and not a clock: a thread that was busy has read nothing either. */
  #quiet = 0;
  #doubtful: Look | null = null;
  #isLooking = false;

  constructor(client: pg.Client, seconds: number, asking: Asking) {
    this.#client = client;
    this.#seconds = seconds;
    this.#asking = asking;
    const timer = setInterval(() => void this.#glance(), (seconds * 1000) / GLANCES);
    timer.unref();
    client.once('end', () => clearInterval(timer));
  }

  awaited<T>(answer: Promise<T>): Promise<T> {
    this.#waiting++;
    this.#begun++;
    return answer.finally(() => {
      this.#waiting--;
    });
  }

  async #glance(): Promise<void> {
    if (this.#isLooking) return;
    const moved = this.#progress();
    if (this.#waiting === 0 || moved !== this.#moved) {
      this.#moved = moved;
      this.#waitOn();
      return;
    }
    if (++this.#quiet < GLANCES) return;
    this.#isLooking = true;
    const look = await this.#asking.look();
    this.#isLooking = false;
    // What has moved meanwhile is for the next glance to find.
    if (this.#waiting === 0 || this.#progress() !== moved) return;
    const verdict = judgeSilence(this.#doubtful, look);
    if (verdict === 'alive') this.#waitOn();
    else if (verdict === 'doubtful') this.#doubtful = look;
    else await this.#end(look);
  }

  #waitOn(): void {
    this.#quiet = 0;
    this.#doubtful = null;
  }

  async #end(look: Look): Promise<void> {
    this.#isLooking = true;
    await this.#asking.endBackend();
    this.#stream.destroy(
      new FerrowError(
        'E_CONNECTION_LOST',
        `nothing came over a connection to PostgreSQL for ${this.#seconds} seconds, and ${lookInWords(look)}`,
        {
          dialect: 'postgres',
          hint: 'look for a firewall, proxy or tunnel between here and the server that forgets connections',
        },
      ),
    );
  }

  /** Bytes that came, bytes that the operating system took, questions. */
  #progress(): string {
    const { bytesRead, bytesWritten, writableLength } = this.#stream;
    return [this.#begun, bytesRead, bytesWritten, writableLength].join();
  }

  get #stream(): Socket {
    return (this.#client as unknown as { connection: { stream: Socket } }).connection.stream;
  }
}
