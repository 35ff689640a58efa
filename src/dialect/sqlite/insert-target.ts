// Writes chunks into one table by prepared multi-row INSERTs: a transaction per chunk, its ledger row in it.
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
import { sqliteError } from './errors.ts';
import { imageTable } from './image-table.ts';
import { AttachedImage, type ImageTarget } from './image-target.ts';
import { quote, quoteList } from './sql-names.ts';

/** Measured: 10 to 50 rows a statement are fastest. */
const STATEMENT_ROWS = 40;
/** SQLITE_MAX_VARIABLE_NUMBER. */
const VARIABLES_MAX = 32766;
/** Larger chunks hold large values, which are bound one row at a time. */
const MANY_ROWS_BYTES_MAX = 16 * 1024 * 1024;

/** The chunk's row of the ledger; both calls belong into its transaction. */
export interface ChunkRecord {
  /** The chunk was committed before: a retry of what succeeded. */
  isDone(): boolean;
  record(): void;
}

/** The rows of a chunk one by one, to find the one that broke a constraint. */
interface Rows {
  readonly count: number;
  insert(row: number): void;
  keyOf(row: number): Record<string, string>;
}

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
  /** Attached from the write of its chunk to the end of the transaction. */
  #image: AttachedImage | null = null;

  constructor(connection: Connection, load: TableLoad) {
    this.#db = connection.db;
    this.#connection = connection;
    this.#load = load;
    this.#place = { table: load.table.name };
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
    const plain =
      !utf8 || columns.length === 0 || columns.length > IMAGE_COLUMNS_MAX || this.#guarded.includes(true);
    return plain ? 'columns' : { form: 'image', table: imageTable(this.#db, this.#load) };
  }

  /**
   * Writes the chunk and its record, nothing if it is done, and leaves the transaction open. A chunk is a group of its own
   * here: an image can't be attached while a transaction runs.
   * @throws FerrowError, after all was undone
   */
  write(chunk: Chunk, record: ChunkRecord): void {
    const { payload, rowCount } = chunk;
    const { columns } = this.#load;
    if (payload.form === 'image') {
      this.#writeImage(payload, rowCount, record);
      return;
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
    const rows = {
      count: rowCount,
      insert: (row: number) => this.#insertRow(bound, row),
      keyOf: (row: number) => this.#keyOf(bound, row),
    };
    this.#begin(record, rows, () =>
      this.#insert(bound, rowCount, chunk.byteLength > MANY_ROWS_BYTES_MAX ? 1 : this.#statementRows),
    );
  }

  /** @returns seconds @throws FerrowError, after all was undone */
  commit(): number {
    if (!this.#db.inTransaction) return 0;
    const started = performance.now();
    try {
      this.#db.exec('COMMIT');
      return (performance.now() - started) / 1000;
    } catch (error) {
      throw sqliteError(error, 'write', this.#place);
    } finally {
      this.undo();
    }
  }

  /** Undoes what was not committed, and lets go of the image. */
  undo(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#image?.detach();
    this.#image = null;
  }

  #writeImage(payload: ImagePayload, rowCount: number, record: ChunkRecord): void {
    const { columns, staging, table } = this.#load;
    const names = columns.map(({ name }) => name);
    const keys = table.primaryKey?.columns ?? names.slice(0, 3);
    const places = keys.map((key) => names.indexOf(key)).filter((at) => at >= 0);
    const image = this.#attach({ table: staging.name, columns: names }, payload);
    const rows: Rows = {
      count: rowCount,
      insert: (row) => image.insertRow(row),
      keyOf: (row) =>
        Object.fromEntries(image.cells(row, places).map((cell, at) => [names[places[at]], cell ?? 'NULL'])),
    };
    this.#begin(record, rows, () => {
      const inserted = image.insertAll();
      if (inserted === rowCount) return;
      throw new FerrowError('E_INTERNAL', `${inserted} of ${rowCount} rows of an image arrived`, this.#place);
    });
  }

  #attach(target: ImageTarget, payload: ImagePayload): AttachedImage {
    try {
      this.#image = new AttachedImage(this.#db, target, payload);
      return this.#image;
    } catch (error) {
      throw sqliteError(error, 'write', this.#place);
    }
  }

  #begin(record: ChunkRecord, rows: Rows, work: () => void): void {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      if (record.isDone()) return;
      work();
      record.record();
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      const failure = sqliteError(error, 'write', this.#place);
      const place = failure.code === 'E_CONSTRAINT' ? this.#culprit(rows) : {};
      this.undo();
      throw failure.at(place);
    }
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

  /** Finds the row that broke a constraint by inserting row by row, and takes all back. */
  #culprit(rows: Rows): ErrorPlace {
    this.#db.exec('BEGIN IMMEDIATE');
    let row = 0;
    try {
      for (; row < rows.count; row++) rows.insert(row);
      return {};
    } catch {
      return { row: rows.keyOf(row) };
    } finally {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    }
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
