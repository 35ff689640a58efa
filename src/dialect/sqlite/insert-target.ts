// Writes chunks into one table: images by SQLite's own INSERT … SELECT, columns by prepared multi-row INSERTs.
// Engine thread.
import type { Database, Statement } from 'better-sqlite3';
import type { Chunk, ImagePayload, TargetForm } from '../../batch/chunk.ts';
import { checkColumn } from '../../batch/column.ts';
import { type ErrorPlace, FerrowError } from '../../errors/ferrow-error.ts';
import type { LogicalType } from '../../types/logical-type.ts';
import type { TableLoad } from '../dialect.ts';
import { affinityOf } from './affinity.ts';
import { type Bound, type BoundColumn, boundColumn } from './bound-values.ts';
import { IMAGE_COLUMNS_MAX } from './codec/page-encode.ts';
import type { Connection } from './connect.ts';
import { imageTable } from './image-table.ts';
import { quote, quoteList } from './sql-names.ts';
import { type ChunkRecord, WriteGroup } from './write-group.ts';

/** Measured: 10 to 50 rows a statement are fastest. */
const STATEMENT_ROWS = 40;
/** SQLITE_MAX_VARIABLE_NUMBER. */
const VARIABLES_MAX = 32766;
/** Larger chunks hold large values, which are bound one row at a time. */
const MANY_ROWS_BYTES_MAX = 16 * 1024 * 1024;

export class TableWriter {
  readonly #db: Database;
  readonly #connection: Connection;
  readonly #load: TableLoad;
  readonly #place: ErrorPlace;
  readonly #statementRows: number;
  /** By rows and columns to cast. */
  readonly #statements = new Map<string, Statement<Bound[]>>();
  readonly #numbersAsIntegers: readonly boolean[];

  /** Columns that stood before and whose affinity would make numbers of some texts. */
  readonly #guarded: readonly boolean[];
  readonly #group: WriteGroup;

  constructor(connection: Connection, load: TableLoad) {
    this.#db = connection.db;
    this.#connection = connection;
    this.#load = load;
    this.#place = { table: load.table.name };
    this.#group = new WriteGroup(this.#db, this.#place, !connection.fresh, load.transactional === true);
    this.#statementRows = Math.max(
      1,
      Math.min(STATEMENT_ROWS, Math.floor(VARIABLES_MAX / Math.max(1, load.columns.length))),
    );
    const strict = load.table.tableFacts?.['strict'] === true;
    const affinities = load.columns.map(({ name }) =>
      affinityOf(load.table.columns.find((column) => column.name === name)?.nativeType ?? ''),
    );
    this.#numbersAsIntegers = affinities.map((kind) => kind === 'integer' || (kind === 'numeric' && !strict));
    this.#guarded = affinities.map(
      (kind) => load.mode === 'append' && !strict && kind !== 'text' && kind !== 'blob',
    );
  }

  /** The form in which chunks go fastest: an image, where SQLite would take each value from it as it is. */
  get form(): TargetForm {
    const { utf8 } = this.#connection;
    const { columns } = this.#load;
    // An image can't be attached while a transaction is open.
    const plain =
      this.#load.transactional === true ||
      !utf8 ||
      columns.length === 0 ||
      columns.length > IMAGE_COLUMNS_MAX ||
      this.#guarded.includes(true);
    return plain ? 'columns' : { form: 'image', table: imageTable(this.#db, this.#load) };
  }

  /**
   * Adds the chunk and its record to the group.
   * @returns true when the group is to be committed
   * @throws FerrowError, after all was undone
   */
  write(chunk: Chunk, record: ChunkRecord): boolean {
    const { payload, rowCount } = chunk;
    const { columns } = this.#load;
    if (payload.form === 'image') {
      this.#addImage(payload, rowCount, record);
      if (!this.#group.isLarge) return false;
      this.#group.insert();
      return true;
    }
    if (payload.form !== 'columns' || payload.columns.length !== columns.length) {
      throw new FerrowError('E_INTERNAL', 'the chunk does not fit the table it is written to', this.#place);
    }
    const bound = payload.columns.map((column, at) => {
      checkColumn(column, columns[at].name);
      if (column.length !== rowCount) {
        throw new FerrowError('E_CORRUPT', 'a column is shorter than its chunk', this.#place);
      }
      const ready = boundColumn(column, this.#numbersAsIntegers[at]);
      return this.#guarded[at] && isText(column.type) ? guard(ready, columns[at].name, this.#place) : ready;
    });
    const statementRows = chunk.byteLength > MANY_ROWS_BYTES_MAX ? 1 : this.#statementRows;
    this.#group.add({
      record,
      rowCount,
      insertAll: () => this.#insert(bound, rowCount, statementRows),
      insert: (row) => this.#insertRow(bound, row),
      keyOf: (row) => this.#keyOf(bound, row),
    });
    this.#group.insert();
    return true;
  }

  /** @returns seconds @throws FerrowError, after all was undone */
  commit(end?: ChunkRecord): number {
    return this.#group.commit(end);
  }

  /** Undoes what was not committed. */
  undo(): void {
    this.#group.undo();
  }

  #addImage(payload: ImagePayload, rowCount: number, record: ChunkRecord): void {
    const { columns, staging, table } = this.#load;
    const names = columns.map(({ name }) => name);
    const keys = table.primaryKey?.columns ?? names.slice(0, 3);
    const places = keys.map((key) => names.indexOf(key)).filter((at) => at >= 0);
    const image = this.#group.attach({ table: staging.name, columns: names }, payload);
    this.#group.add({
      record,
      rowCount,
      insertAll: () => {
        const inserted = image.insertAll();
        if (inserted === rowCount) return;
        throw new FerrowError(
          'E_INTERNAL',
          `${inserted} of ${rowCount} rows of an image arrived`,
          this.#place,
        );
      },
      insert: (row) => image.insertRow(row),
      keyOf: (row) =>
        Object.fromEntries(image.cells(row, places).map((cell, at) => [names[places[at]], cell ?? 'NULL'])),
    });
  }

  #insert(bound: readonly BoundColumn[], rowCount: number, statementRows: number): void {
    const casts = bound.some(({ needsCast }) => needsCast !== null);
    if (casts) {
      for (let row = 0; row < rowCount; row++) this.#insertRow(bound, row);
      return;
    }
    const width = bound.length;
    const values: Bound[] = new Array(width * statementRows).fill(null);
    const many = this.#statement(statementRows, '');
    let from = 0;
    for (; from + statementRows <= rowCount; from += statementRows) {
      for (let at = 0; at < width; at++) bound[at].fill(values, at, width, from, from + statementRows);
      many.run(values as never);
    }
    for (; from < rowCount; from++) this.#insertRow(bound, from);
  }

  /** One row; its texts that are no UTF-8 are cast from bytes. */
  #insertRow(bound: readonly BoundColumn[], row: number): void {
    const values: Bound[] = new Array(bound.length).fill(null);
    let shape = '';
    for (let at = 0; at < bound.length; at++) {
      bound[at].fill(values, at, 1, row, row + 1);
      if (bound[at].needsCast?.(row)) shape += `${at} `;
    }
    if (shape !== '' && !this.#connection.utf8) {
      const column = this.#load.columns[Number.parseInt(shape, 10)].name;
      throw new FerrowError(
        'E_INVALID_UTF8',
        `table "${this.#load.table.name}", column "${column}": text that is not valid UTF-8 can't enter a UTF-16 database`,
        { ...this.#place, column },
      );
    }
    this.#statement(1, shape).run(values as never);
  }

  #statement(rows: number, shape: string): Statement<Bound[]> {
    const key = `${rows}:${shape}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      const { columns, staging } = this.#load;
      const cast = new Set(shape.split(' ').filter(Boolean).map(Number));
      const one = `(${columns.map((_, at) => (cast.has(at) ? 'CAST(? AS TEXT)' : '?')).join(', ')})`;
      const names = quoteList(columns.map(({ name }) => name));
      const rowsSql = new Array(rows).fill(one).join(', ');
      statement = this.#db.prepare<Bound[]>(
        `INSERT INTO ${quote(staging.name)} (${names}) VALUES ${rowsSql}`,
      );
      this.#statements.set(key, statement);
    }
    return statement;
  }

  #keyOf(bound: readonly BoundColumn[], row: number): Record<string, string> {
    const { columns, table } = this.#load;
    const keys = table.primaryKey?.columns ?? columns.slice(0, 3).map(({ name }) => name);
    const one: Bound[] = [null];
    const key: Record<string, string> = {};
    columns.forEach(({ name }, at) => {
      if (!keys.includes(name)) return;
      bound[at].fill(one, 0, 1, row, row + 1);
      const [value] = one;
      key[name] =
        typeof value === 'object' ? (value === null ? 'NULL' : value.toString('hex')) : String(value);
    });
    return key;
  }
}

function isText({ kind }: LogicalType): boolean {
  return kind === 'text' || kind === 'json' || kind === 'numeric';
}

const LOOKS_NUMERIC = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** Refuses texts that the column's affinity would turn into numbers: `1.10` would come back as 1.1. */
function guard(bound: BoundColumn, column: string, place: ErrorPlace): BoundColumn {
  return {
    ...bound,
    fill(into, at, stride, from, to) {
      bound.fill(into, at, stride, from, to);
      for (let i = 0; i < to - from; i++) {
        const value = into[at + i * stride];
        if (typeof value === 'string' && LOOKS_NUMERIC.test(value)) {
          throw new FerrowError(
            'E_TYPE_MISMATCH',
            `table "${place.table}", column "${column}": SQLite would turn a text into a number there`,
            { ...place, column, value, hint: 'declare the column TEXT, or use --if-exists replace' },
          );
        }
      }
    },
  };
}
