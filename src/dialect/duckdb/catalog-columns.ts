// Columns and indexes from the catalog's rows and its statement texts. Pure.
import type { ColumnSchema, DefaultValue, Identity, IndexPart, IndexSchema } from '../../types/schema.ts';
import type { SequenceState, Sequences } from './catalog-sequences.ts';
import { parseDefault } from './defaults.ts';
import { type Row, text, textOrNull } from './query.ts';
import { outline, readIdentifier, splitTopLevel, stripParentheses } from './sql-text.ts';

export function readColumn(row: Row, definition: string, schema: string, sequences: Sequences): ColumnSchema {
  const nativeType = text(row.data_type);
  // Words of the definition that stand behind the name, outside quotes and parentheses.
  const words = outline(definition);
  const generatedAt = / GENERATED ALWAYS AS *\(/.exec(words);
  const collation = / COLLATE ([^ ]+)/.exec(words);
  const sql = textOrNull(row.column_default);
  const generated = generatedAt
    ? {
        expression: stripParentheses(definition.slice(definition.indexOf('(', generatedAt.index))),
        stored: false,
      }
    : null;
  const value = sql === null || generated ? null : parseDefault(sql, nativeType);
  const state = value?.kind === 'sequence' ? sequences.of(value.sequence, schema) : null;
  return {
    name: text(row.column_name),
    nativeType,
    nullable: row.is_nullable !== false,
    default: value?.kind === 'null' ? null : withState(value, state),
    identity: identityOf(value, state),
    generated,
    collation: collation ? collation[1] : null,
    comment: textOrNull(row.comment),
  };
}

function withState(value: DefaultValue | null, state: SequenceState | null): DefaultValue | null {
  if (value?.kind !== 'sequence' || !state) return value;
  const { next, options, place } = state;
  return { ...value, ...(next === null ? {} : { next }), options: { ...options, name: place } };
}

/** A column that has a sequence to itself; one that several columns take numbers from is nobody's own. */
function identityOf(value: DefaultValue | null, state: SequenceState | null): Identity | null {
  if (value?.kind !== 'sequence') return null;
  if (!state) return { kind: 'serial' };
  if (state.shared) return null;
  const { next, options } = state;
  return {
    kind: 'serial',
    ...(next === null ? {} : { next }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

/** The column definitions of `CREATE TABLE t(a INTEGER, …)`, in order; constraints follow them. */
export function columnDefinitions(sql: string): string[] {
  const words = outline(sql);
  const open = words.indexOf('(');
  return open < 0 ? [] : splitTopLevel(sql, open + 1).parts;
}

/** `CREATE UNIQUE INDEX "i" ON s.t USING ART (a, (lower(b)));`: the catalog keeps no list of parts. */
export function readIndex(row: Row, columns: readonly ColumnSchema[]): IndexSchema {
  const definition = text(row.sql).replace(/;\s*$/, '');
  const words = outline(definition);
  const method = / USING ([A-Za-z]+)/.exec(words)?.[1].toLowerCase() ?? 'art';
  const open = words.indexOf('(');
  const parts = open < 0 ? [] : splitTopLevel(definition, open + 1).parts;
  return {
    name: text(row.index_name),
    unique: row.is_unique === true,
    parts: parts.map((part) => readIndexPart(part, columns)),
    where: null,
    method: method === 'art' ? 'btree' : method,
    plain: true,
    definition,
    ...(row.comment === null || row.comment === undefined ? {} : { comment: text(row.comment) }),
  };
}

function readIndexPart(part: string, columns: readonly ColumnSchema[]): IndexPart {
  const bare = stripParentheses(part);
  const { name, end } = readIdentifier(bare);
  const column =
    end === bare.length ? columns.find((one) => one.name.toLowerCase() === name.toLowerCase()) : undefined;
  return {
    column: column?.name ?? null,
    expression: column ? null : bare,
    // The catalog does not keep DESC, and DuckDB does not use it.
    descending: false,
    collation: null,
  };
}
