// A table function of a DuckDB instance whose rows are those of a chunk: `INSERT INTO … SELECT * FROM ferrow_chunk(3)`.
// DuckDB appends, compresses and writes on threads of its own, several inserts at once; the engine thread only
// fills vectors when it is called from there. (2 M rows of 16 columns by two connections: 1.3 s. Through the driver's
// appender, whose calls are synchronous and which copies all rows once more: 2.2 s.)
import duckdb, {
  type DataChunk,
  type LogicalType as DuckdbType,
  type TableFunctionBindInfo,
  type TableFunctionInfo,
} from '@duckdb/node-bindings';
import type { Link } from './connect.ts';

/** In the catalog of DuckDB's own functions: nothing of it is in the file. */
const NAME = 'ferrow_chunk';

/** What a chunk's rows look like, and where they come from. */
export interface RowFeed {
  readonly types: readonly DuckdbType[];
  /** Fills the next rows into a data chunk; leaves it empty at the end. */
  fill(chunk: DataChunk): void;
}

export class ChunkFunction {
  readonly #feeds = new Map<number, RowFeed>();
  #feedCount = 0;

  /** Makes the function in the instance of a connection. Once for each instance. */
  register(link: Link): void {
    const made = duckdb.create_table_function();
    duckdb.table_function_set_name(made, NAME);
    duckdb.table_function_add_parameter(made, duckdb.create_logical_type(duckdb.Type.INTEGER));
    duckdb.table_function_set_bind(made, (info) => this.#bind(info));
    // One thread for an insert: rows keep their order.
    duckdb.table_function_set_init(made, (info) => duckdb.init_set_max_threads(info, 1));
    duckdb.table_function_set_function(made, fill);
    duckdb.register_table_function(link.handle, made);
    duckdb.destroy_table_function_sync(made);
  }

  /** Gives the SQL of a feed's rows. */
  add(feed: RowFeed): { readonly sql: string; remove(): void } {
    const number = ++this.#feedCount;
    this.#feeds.set(number, feed);
    return { sql: `system.main.${NAME}(${number})`, remove: () => this.#feeds.delete(number) };
  }

  #bind(info: TableFunctionBindInfo): void {
    const feed = this.#feeds.get(duckdb.get_int32(duckdb.bind_get_parameter(info, 0)));
    if (!feed) {
      duckdb.bind_set_error(info, 'there is no such chunk');
      return;
    }
    feed.types.forEach((type, at) => {
      duckdb.bind_add_result_column(info, `c${at}`, type);
    });
    duckdb.bind_set_bind_data(info, feed);
  }
}

function fill(info: TableFunctionInfo, chunk: DataChunk): void {
  try {
    (duckdb.function_get_bind_data(info) as RowFeed).fill(chunk);
  } catch (error) {
    duckdb.function_set_error(info, error instanceof Error ? error.message : String(error));
  }
}
