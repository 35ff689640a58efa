// A few strings (the labels of an enum, the fields of a struct) as bytes, and the way from bytes to their number
// without a string per value. Pure.

/** The labels one behind the other, as text columns have them. */
export class EnumLabels {
  readonly heap: Uint8Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer>;
  /** Open addressing: label number + 1, or 0. */
  readonly #slots: Int32Array;

  constructor(labels: readonly string[]) {
    const encoded = labels.map((label) => new TextEncoder().encode(label));
    this.offsets = new Int32Array(encoded.length + 1);
    encoded.forEach((bytes, at) => {
      this.offsets[at + 1] = this.offsets[at] + bytes.length;
    });
    this.heap = new Uint8Array(this.offsets[encoded.length]);
    let size = 8;
    while (size < encoded.length * 2) size *= 2;
    this.#slots = new Int32Array(size);
    encoded.forEach((bytes, at) => {
      this.heap.set(bytes, this.offsets[at]);
      let slot = hash(bytes, 0, bytes.length) & (size - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (size - 1);
      this.#slots[slot] = at + 1;
    });
  }

  /** The number of the label that `source[start .. end]` is, or -1. */
  find(source: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash(source, start, end) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const label = slots[slot] - 1;
      if (this.#equals(label, source, start, end)) return label;
    }
    return -1;
  }

  #equals(label: number, source: Uint8Array, start: number, end: number): boolean {
    const { heap, offsets } = this;
    const first = offsets[label];
    if (offsets[label + 1] - first !== end - start) return false;
    for (let j = start; j < end; j++) if (heap[first + j - start] !== source[j]) return false;
    return true;
  }
}

/** FNV-1a. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let j = start; j < end; j++) value = Math.imul(value ^ bytes[j], 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
