// The leaf pages of a table's b-tree, in the order of rowids, from a rowid on. Engine thread. Reads interior pages
// only; leaves are the caller's.
import { INTERIOR_HEADER_BYTES, RowidReader, TABLE_INTERIOR, TABLE_LEAF } from './codec/record.ts';
import { corruptPage, type PageFile } from './page-file.ts';

/** SQLite's own limit for the depth of a b-tree. */
const DEPTH_MAX = 20;

interface Level {
  readonly page: Uint8Array;
  readonly number: number;
  readonly cells: number;
  /** The next child to go down to; `cells` is the rightmost. */
  cell: number;
}

const rowid = new RowidReader();

export class LeafWalk {
  readonly #file: PageFile;
  readonly #path: Level[] = [];
  #next: number | null;
  /** Interior pages above each leaf; the same everywhere, so that only the first leaf is looked at here. */
  #depth = -1;

  /** @throws FerrowError E_CORRUPT naming the page */
  constructor(file: PageFile, root: number, from: bigint) {
    this.#file = file;
    this.#next = this.#descend(root, from);
  }

  /**
   * The numbers of the next leaf pages that stand one behind another in the file, at most `most`; none after the last.
   * @throws FerrowError E_CORRUPT naming the page
   */
  run(most: number): number[] {
    const numbers: number[] = [];
    while (this.#next !== null && numbers.length < most) {
      if (numbers.length > 0 && this.#next !== numbers[numbers.length - 1] + 1) break;
      numbers.push(this.#next);
      this.#advance();
    }
    return numbers;
  }

  #advance(): void {
    this.#next = null;
    for (let level = this.#path.at(-1); level; level = this.#path.at(-1)) {
      level.cell++;
      if (level.cell <= level.cells) {
        this.#next = this.#descend(childOf(this.#file, level), null);
        break;
      }
      this.#path.pop();
    }
  }

  /** Goes down from a page to the leaf that holds `from`, or the first one. */
  #descend(start: number, from: bigint | null): number {
    let number = start;
    while (this.#path.length !== this.#depth) {
      const page = new Uint8Array(this.#file.pageBytes);
      this.#file.read(number, page, 0);
      if (page[0] === TABLE_LEAF && this.#depth < 0) {
        this.#depth = this.#path.length;
        break;
      }
      if (page[0] !== TABLE_INTERIOR) throw corruptPage(number, `type byte ${page[0]} is no page of a table`);
      if (this.#path.length >= DEPTH_MAX) throw corruptPage(number, 'the tree is deeper than any table is');
      const cells = (page[3] << 8) | page[4];
      if (INTERIOR_HEADER_BYTES + cells * 2 > this.#file.usableBytes)
        throw corruptPage(number, `${cells} cells don't fit`);
      const level: Level = { page, number, cells, cell: 0 };
      if (from !== null) level.cell = firstFrom(this.#file, level, from);
      this.#path.push(level);
      number = childOf(this.#file, level);
    }
    return number;
  }
}

/** Where the cell's four bytes of page number begin. */
function cellAt(file: PageFile, { page, number, cells }: Level, cell: number): number {
  const pointer = INTERIOR_HEADER_BYTES + cell * 2;
  const at = (page[pointer] << 8) | page[pointer + 1];
  if (at < INTERIOR_HEADER_BYTES + cells * 2 || at + 5 > file.usableBytes)
    throw corruptPage(number, `cell ${cell} lies outside`);
  return at;
}

function childOf(file: PageFile, level: Level): number {
  const at = level.cell === level.cells ? 8 : cellAt(file, level, level.cell);
  const { page } = level;
  return page[at] * 0x1000000 + ((page[at + 1] << 16) | (page[at + 2] << 8) | page[at + 3]);
}

/** The first cell whose key, the largest rowid below it, is not less than `from`; the rightmost if none is. */
function firstFrom(file: PageFile, level: Level, from: bigint): number {
  let low = 0;
  let high = level.cells;
  while (low < high) {
    const middle = (low + high) >> 1;
    rowid.read(level.page, cellAt(file, level, middle) + 4, file.usableBytes);
    if (rowid.next === 0) throw corruptPage(level.number, `cell ${middle} has no rowid`);
    if (((BigInt(rowid.high) << 32n) | BigInt(rowid.low >>> 0)) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
