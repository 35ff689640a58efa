// Columns with children -> DuckDB's lists, arrays, maps, structs and unions. Pure; the children are encoded by the
// caller's function. The column has been checked (checkColumn): offsets stay inside the children, members exist.
import { Buffer, isUtf8 } from 'node:buffer';
import { isValid } from '../../../batch/bitmap.ts';
import type { VectorColumn } from '../../../batch/chunk.ts';
import type { Column } from '../../../batch/column.ts';
import { takeRows } from '../../../batch/take.ts';
import { FerrowError } from '../../../errors/ferrow-error.ts';
import { fixedWidth, isVariableWidth } from '../../../types/logical-type.ts';
import { corrupt } from './checked.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Encode = (column: Column, name: string) => VectorColumn;

/** @throws FerrowError E_CORRUPT, E_INVALID_UTF8 */
export function encodeNested(
  column: Column,
  validity: Bytes | null,
  name: string,
  encode: Encode,
): VectorColumn {
  const { type, length } = column;
  const children = column.children!;
  const encodeChild = (child: Column) => {
    checkText(child, name);
    return encode(child, name);
  };
  if (type.kind === 'list' && type.size !== undefined) {
    const all = spreadArray(column, validity, type.size, name);
    return { data: new Uint8Array(0), offsets: null, validity, children: [encodeChild(all)] };
  }
  if (type.kind === 'list' || type.kind === 'map') {
    const compact = isCompact(column, validity) ? column : takeRows(column, everyRow(length));
    const offsets = compact.offsets!;
    if (type.kind === 'map') checkKeys(compact, name);
    const elements = compact.children!.map((child) => encodeChild(shortened(child, offsets[length])));
    return { data: new Uint8Array(0), offsets: offsets.slice(0, length + 1), validity, children: elements };
  }
  if (type.kind === 'struct') {
    const fields = children.map((child) => encodeChild(only(child, length, (row) => isValid(validity, row))));
    return { data: new Uint8Array(0), offsets: null, validity, children: fields };
  }
  const typeIds = column.typeIds!;
  const tags = typeIds.slice(0, length);
  if (validity) for (let i = 0; i < length; i++) if (!isValid(validity, i)) tags[i] = 0;
  const members = children.map((child, tag) =>
    encodeChild(only(child, length, (row) => typeIds[row] === tag && isValid(validity, row))),
  );
  return { data: tags, offsets: null, validity, children: members };
}

/** The child with NULLs but where `isMeant`, which is what DuckDB expects below NULLs and in members not meant. */
function only(child: Column, length: number, isMeant: (row: number) => boolean): Column {
  let fits = child.length === length;
  const rows = everyRow(length);
  for (let row = 0; row < length; row++) {
    if (isMeant(row)) continue;
    rows[row] = -1;
    if (isValid(child.validity, row)) fits = false;
  }
  return fits ? child : takeRows(child, rows);
}

function everyRow(length: number): Int32Array {
  return Int32Array.from({ length }, (_, row) => row);
}

/** The elements lie from 0 on, and NULLs have none. */
function isCompact({ offsets, length }: Column, validity: Bytes | null): boolean {
  if (offsets![0] !== 0) return false;
  if (validity)
    for (let i = 0; i < length; i++)
      if (!isValid(validity, i) && offsets![i + 1] !== offsets![i]) return false;
  return true;
}

/** A child may be longer than what its parent uses of it. */
function shortened(child: Column, length: number): Column {
  return child.length === length ? child : takeRows(child, everyRow(length));
}

/** Elements of the rows that aren't NULL -> so many elements for every row. */
function spreadArray(column: Column, validity: Bytes | null, size: number, name: string): Column {
  const { length } = column;
  const offsets = column.offsets!;
  const [elements] = column.children!;
  const rows = new Int32Array(length * size).fill(-1);
  let isPlain = elements.length === rows.length;
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, i)) {
      isPlain = false;
      continue;
    }
    if (offsets[i + 1] - offsets[i] !== size)
      throw corrupt(name, `array ${i} has ${offsets[i + 1] - offsets[i]} elements, not ${size}`);
    if (offsets[i] !== i * size) isPlain = false;
    for (let at = 0; at < size; at++) rows[i * size + at] = offsets[i] + at;
  }
  return isPlain ? elements : takeRows(elements, rows);
}

/** DuckDB takes text that isn't UTF-8 for NULL, in silence. Whole heaps are looked at: values must end between characters. */
function checkText({ type, data, offsets, length }: Column, name: string): void {
  if (type.kind !== 'text' && type.kind !== 'json' && type.kind !== 'numeric') return;
  const from = offsets![0];
  const to = offsets![length];
  let bad = !isUtf8(data.subarray(from, to));
  for (let i = 1; !bad && i < length; i++) bad = offsets![i] < to && (data[offsets![i]] & 0xc0) === 0x80;
  if (!bad) return;
  throw new FerrowError('E_INVALID_UTF8', `column ${name}: text inside is not valid UTF-8`, {
    dialect: 'duckdb',
    column: name,
  });
}

/** DuckDB checks keys only in its own SQL: a NULL or a key twice would stay in the map. */
function checkKeys(column: Column, name: string): void {
  const [keys] = column.children!;
  const offsets = column.offsets!;
  if (keys.nullCount > 0)
    for (let at = 0; at < offsets[column.length]; at++)
      if (!isValid(keys.validity, at)) throw corrupt(name, 'a map has a NULL as key');
  const bytesOf = keyBytes(keys);
  if (!bytesOf) return;
  for (let i = 0; i < column.length; i++) {
    if (offsets[i + 1] - offsets[i] < 2) continue;
    const seen = new Set<string>();
    for (let at = offsets[i]; at < offsets[i + 1]; at++) seen.add(bytesOf(at));
    if (seen.size < offsets[i + 1] - offsets[i]) throw corrupt(name, `map ${i} has a key twice`);
  }
}

/** A key's bytes as text of one character each; null for types whose equality isn't that of their bytes. */
function keyBytes({ type, data, offsets }: Column): ((at: number) => string) | null {
  const heap = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (isVariableWidth(type)) return (at) => heap.toString('latin1', offsets![at], offsets![at + 1]);
  const width = type.kind === 'float' ? 0 : fixedWidth(type);
  return width > 0 ? (at) => heap.toString('latin1', at * width, (at + 1) * width) : null;
}
