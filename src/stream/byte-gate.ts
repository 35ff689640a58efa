// Bytes in flight for the whole run: a reader takes before it reads, the commit gives back. This, and not the
// number of objects in a stream, is what bounds memory.

interface Waiter {
  readonly bytes: number;
  readonly since: number;
  readonly enter: () => void;
}

export class ByteGate {
  readonly limitBytes: number;
  #usedBytes = 0;
  #waitedSeconds = 0;
  readonly #waiters: Waiter[] = [];

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Seconds that readers have waited, added up. */
  get waitedSeconds(): number {
    return this.#waitedSeconds;
  }

  /**
   * Waits, in order of arrival, until `bytes` fit. What is larger than the whole gate enters alone, so that one
   * huge row still moves. Rejects with the signal's reason when aborted.
   */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiters.length === 0 && this.#fits(bytes)) {
      this.#usedBytes += bytes;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal.reason);
        this.#admit();
      };
      const waiter: Waiter = {
        bytes,
        since: performance.now(),
        enter: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Corrects what was taken once the true size is known; never waits. */
  adjust(byBytes: number): void {
    this.#usedBytes += byBytes;
    if (byBytes < 0) this.#admit();
  }

  /** Gives back. */
  give(bytes: number): void {
    this.adjust(-bytes);
  }

  #fits(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.limitBytes;
  }

  #admit(): void {
    for (let next = this.#waiters[0]; next && this.#fits(next.bytes); next = this.#waiters[0]) {
      this.#waiters.shift();
      this.#usedBytes += next.bytes;
      this.#waitedSeconds += (performance.now() - next.since) / 1000;
      next.enter();
    }
  }
}

/** One pipeline's part of the gate: knows what the pipeline still holds, and gives it back when it ends early. */
export class GateAccount {
  readonly #gate: ByteGate;
  #heldBytes = 0;

  constructor(gate: ByteGate) {
    this.#gate = gate;
  }

  async take(bytes: number, signal: AbortSignal): Promise<void> {
    await this.#gate.take(bytes, signal);
    this.#heldBytes += bytes;
  }

  adjust(byBytes: number): void {
    this.#heldBytes += byBytes;
    this.#gate.adjust(byBytes);
  }

  give(bytes: number): void {
    this.adjust(-bytes);
  }

  /** Gives back whatever chunks that never committed still hold. */
  close(): void {
    this.give(this.#heldBytes);
  }
}
