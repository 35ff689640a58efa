// DuckDB's URLs and bare paths -> a place on disk. Pure but for the working directory.
import { resolve } from 'node:path';
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { FileLocation } from '../../types/location.ts';

const FORMS =
  'use duckdb:relative/path.duckdb, duckdb:///absolute/path.duckdb, or a path that ends in .duckdb or .ddb';

/**
 * `duckdb:rel`, `duckdb:///abs`, or a bare path. In URLs `%41` is read as in any URL; bare paths are taken as they stand.
 * @throws FerrowError E_URL
 */
export function locate(url: string): FileLocation {
  const isUrl = /^duckdb:/i.test(url);
  const path = isUrl ? pathOfUrl(url) : url;
  if (path === '') throw new FerrowError('E_URL', 'the DuckDB URL names no file', { hint: FORMS });
  if (path.includes('\0'))
    throw new FerrowError('E_URL', 'the path of a DuckDB file holds a NUL', { hint: FORMS });
  if (path === ':memory:' || path.startsWith(':memory:')) {
    throw new FerrowError('E_URL', 'an in-memory DuckDB database ends with the process that made it', {
      hint: 'name a file instead, such as duckdb:copy.duckdb',
    });
  }
  return { engine: 'duckdb', path: resolve(path), display: isUrl ? url : `duckdb:${url}` };
}

function pathOfUrl(url: string): string {
  let rest = url.slice('duckdb:'.length);
  if (rest.startsWith('//')) {
    if (!rest.startsWith('///')) {
      throw new FerrowError('E_URL', 'a DuckDB URL has no host', { hint: FORMS });
    }
    rest = rest.slice(2);
  }
  const mark = rest.search(/[?#]/);
  if (mark >= 0) {
    throw new FerrowError('E_URL', `DuckDB URLs take no "${rest.slice(mark, mark + 1)}" part`, {
      hint: 'write ? as %3F and # as %23 where the file is named so',
    });
  }
  try {
    return decodeURIComponent(rest);
  } catch (cause) {
    throw new FerrowError('E_URL', 'the DuckDB URL holds a % that starts no escape', {
      hint: 'write % as %25',
      cause,
    });
  }
}
