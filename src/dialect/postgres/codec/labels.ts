// Labels of an enum, found by their bytes. Crossing workers; pure.

/** A small hash table, kept for the list of labels that was asked for last times. */
export class LabelIndex {
  static readonly #known = new WeakMap<readonly string[], LabelIndex>();

  static of(labels: readonly string[]): LabelIndex {
    let index = LabelIndex.#known.get(labels);
    if (!index) {
      index = new LabelIndex(labels);
      LabelIndex.#known.set(labels, index);
    }
    return index;
  }

  readonly #texts: readonly Uint8Array[];
  /** Label + 1 in the slot of its hash or one behind it; 0 is free. */
  readonly #slots: Int32Array;

  constructor(labels: readonly string[]) {
    const encoder = new TextEncoder();
    this.#texts = labels.map((label) => encoder.encode(label));
    let size = 4;
    while (size < 2 * labels.length) size *= 2;
    this.#slots = new Int32Array(size);
    this.#texts.forEach((text, at) => {
      let slot = hash(text, 0, text.length) & (size - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.#slots[slot] = at + 1;
    });
  }

  /** The place of the label that stands in `bytes[from … to]`, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(bytes, from, to) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const label = this.#slots[slot] - 1;
      if (isEqual(this.#texts[label], bytes, from, to)) return label;
    }
    return -1;
  }
}

function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = to - from;
  for (let i = from; i < to; i++) value = Math.imul(value, 31) + bytes[i];
  return value ^ (value >>> 15);
}

function isEqual(text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[from + i]) return false;
  return true;
}
