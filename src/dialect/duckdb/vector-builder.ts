// Collects rows of DuckDB's vectors for one column of a chunk, until the chunk is full. Engine thread.
// Everything is copied out: a vector's memory is DuckDB's, and ends with its data chunk.
import type { Vector } from '@duckdb/node-bindings';
import { releaseBuffers, type VectorColumn } from '../../batch/chunk.ts';
import { ANY_CHILD_TYPES } from '../../batch/column.ts';
import { childTypes, isVariableWidth, type LogicalType } from '../../types/logical-type.ts';
import { physicalWidth } from './codec/layout.ts';
import { ArrayBuilder, ListBuilder, StructBuilder } from './nested-builder.ts';
import { addLengths, gatherStrings, REFERENCE_BYTES } from './string-gather.ts';
import { ValidityBuilder } from './validity-builder.ts';
import { joinBytes, vectorBytes } from './vector-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface VectorBuilder {
  /** Bytes per row that don't depend on the values. */
  readonly fixedBytes: number;
  /** False if all rows have so many and no more. */
  readonly varies: boolean;
  /**
   * Takes hold of a vector of `rowCount` rows; adds the bytes of each row that aren't fixed to `rowBytes`. Rows that
   * `mask` doesn't have are NULL.
   */
  load(vector: Vector, rowCount: number, rowBytes: Float64Array, mask?: Bytes | null): void;
  /** Takes rows `from` to `to` (exclusive) of the loaded vector into the chunk. */
  take(from: number, to: number): void;
  /** The column of all rows taken, and starts anew. */
  finish(rowCount: number): VectorColumn;
  /** Lets go of the loaded vector. */
  release(): void;
}

/** A builder for vectors of a type, with all that is inside. */
export function vectorBuilder(type: LogicalType): VectorBuilder {
  if (type.kind === 'any') return new StructBuilder(ANY_CHILD_TYPES.map(vectorBuilder), true);
  const children = childTypes(type).map(vectorBuilder);
  switch (type.kind) {
    case 'list':
      return type.size === undefined
        ? new ListBuilder(children, false)
        : new ArrayBuilder(children[0], type.size);
    case 'map':
      return new ListBuilder(children, true);
    case 'struct':
    case 'union':
      return new StructBuilder(children, type.kind === 'union');
    default:
      return isVariableWidth(type) ? new TextBuilder() : new FixedBuilder(physicalWidth(type));
  }
}

class FixedBuilder implements VectorBuilder {
  readonly fixedBytes: number;
  readonly varies = false;
  readonly #validity = new ValidityBuilder();
  #pieces: Bytes[] = [];
  #data: Bytes = new Uint8Array(0);

  constructor(width: number) {
    this.fixedBytes = width;
  }

  load(vector: Vector, rowCount: number, _rowBytes: Float64Array, mask: Bytes | null = null): void {
    this.#validity.load(vector, rowCount, mask);
    this.#data = vectorBytes(vector, rowCount * this.fixedBytes);
  }

  take(from: number, to: number): void {
    this.#validity.take(from, to);
    this.#pieces.push(this.#data.subarray(from * this.fixedBytes, to * this.fixedBytes));
  }

  finish(rowCount: number): VectorColumn {
    const data = joinBytes(this.#pieces);
    releasePieces(this.#pieces, data, this.#data);
    this.#pieces = [];
    return { data, offsets: null, validity: this.#validity.finish(rowCount), children: null };
  }

  release(): void {
    this.#data = new Uint8Array(0);
    this.#validity.release();
  }
}

class TextBuilder implements VectorBuilder {
  readonly fixedBytes = 4;
  readonly varies = true;
  readonly #validity = new ValidityBuilder();
  #lengths: Int32Array[] = [];
  #heaps: Bytes[] = [];
  #references: Bytes = new Uint8Array(0);

  load(vector: Vector, rowCount: number, rowBytes: Float64Array, mask: Bytes | null = null): void {
    this.#validity.load(vector, rowCount, mask);
    this.#references = vectorBytes(vector, rowCount * REFERENCE_BYTES);
    addLengths(this.#references, this.#validity.loaded, rowCount, rowBytes);
  }

  take(from: number, to: number): void {
    const { lengths, heap } = gatherStrings(this.#references, this.#validity.loaded, from, to);
    this.#validity.take(from, to);
    this.#lengths.push(lengths);
    this.#heaps.push(heap);
  }

  finish(rowCount: number): VectorColumn {
    const data = joinBytes(this.#heaps);
    releasePieces(this.#heaps, data);
    const offsets = new Int32Array(rowCount + 1);
    let at = 0;
    let end = 0;
    for (const lengths of this.#lengths) {
      for (let i = 0; i < lengths.length; i++) {
        end += lengths[i];
        offsets[++at] = end;
      }
    }
    this.#lengths = [];
    this.#heaps = [];
    return { data, offsets, validity: this.#validity.finish(rowCount), children: null };
  }

  release(): void {
    releaseBuffers([this.#references.buffer]);
    this.#references = new Uint8Array(0);
    this.#validity.release();
  }
}

/** A chunk's column is joined of some thirty pieces: left to garbage collection they are 0.5 CPU seconds of it for 300 MB. */
function releasePieces(pieces: readonly Bytes[], ...needed: readonly Bytes[]): void {
  const kept = needed.map(({ buffer }) => buffer);
  releaseBuffers(pieces.map(({ buffer }) => buffer).filter((buffer) => !kept.includes(buffer)));
}
