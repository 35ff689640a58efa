// Annotates a catalog: what every check, default, generated column, index and view of a schema means to every engine, or
// the first thing in it that isn't known. Never fails a catalog: what can't be read is unknown.
import { typeOf } from '../types/expression.ts';
import type {
  ColumnSchema,
  DatabaseSchema,
  DefaultValue,
  IndexSchema,
  Meaning,
  TableSchema,
  ViewSchema,
} from '../types/schema.ts';
import { loadGrammar } from './grammar.ts';
import { nameOf } from './operands.ts';
import { takes } from './print-expression.ts';
import { understandViews } from './relations.ts';
import { understandExpression } from './sql.ts';
import type { SqlWords } from './words.ts';

export async function addMeanings(schema: DatabaseSchema, words: SqlWords): Promise<DatabaseSchema> {
  if (!schema.tables.some(hasSql) && (schema.views ?? []).length === 0) return schema;
  await loadGrammar();
  const own = withoutOwnFunctions(schema, words);
  return {
    ...schema,
    tables: schema.tables.map((table) => (hasSql(table) ? tableMeanings(table, own) : table)),
    views: viewMeanings(schema, own),
  };
}

function hasSql({ columns, checks, indexes }: TableSchema): boolean {
  return (
    checks.length > 0 ||
    columns.some((column) => column.generated !== null || column.default?.kind === 'expression') ||
    indexes.some((index) => index.where !== null || index.parts.some((part) => part.expression !== null))
  );
}

/** A macro of the user's may have the name of a function of DuckDB's: then the name means nothing for sure. */
function withoutOwnFunctions(schema: DatabaseSchema, words: SqlWords): SqlWords {
  if (words.caseSensitiveNames) return words;
  const taken = new Set(
    schema.others.filter(({ kind }) => kind === 'function').map(({ name }) => name.toLowerCase()),
  );
  if (taken.size === 0) return words;
  const without = (table: SqlWords['functions']): SqlWords['functions'] =>
    Object.fromEntries(
      Object.entries(table).map(([name, forms]) => [
        name,
        forms.filter((form) => !taken.has(form.split('(', 1)[0])),
      ]),
    );
  return { ...words, functions: without(words.functions), aggregates: without(words.aggregates) };
}

function tableMeanings(table: TableSchema, words: SqlWords): TableSchema {
  const of = (sql: string, as: 'condition' | 'value') => safely(sql, words, table.columns, as);
  return {
    ...table,
    columns: table.columns.map((column) => columnMeanings(column, table, words)),
    checks: table.checks.map((check) => ({ ...check, ...of(check.expression, 'condition') })),
    indexes: table.indexes.map((index): IndexSchema => {
      const parts = index.parts.map((part) =>
        part.expression === null ? part : { ...part, ...of(part.expression, 'value') },
      );
      if (index.where === null) return { ...index, parts };
      return { ...index, parts, whereMeaning: of(index.where, 'condition') };
    }),
  };
}

function columnMeanings(column: ColumnSchema, table: TableSchema, words: SqlWords): ColumnSchema {
  const { generated } = column;
  const value = column.default;
  const into = (sql: string, columns: readonly ColumnSchema[]): Meaning => {
    const meaning = safely(sql, words, columns, 'value');
    return meaning.meaning === undefined ? meaning : assigned(meaning, column, words);
  };
  if (generated)
    return { ...column, generated: { ...generated, ...into(generated.expression, table.columns) } };
  if (value?.kind !== 'expression') return column;
  const meant: DefaultValue = { ...value, ...into(value.sql, []) };
  return { ...column, default: meant };
}

/** The engine may round or convert a value as it puts it into the column. */
function assigned(meaning: Meaning, column: ColumnSchema, words: SqlWords): Meaning {
  if (!meaning.meaning) return meaning;
  const type = words.columnType(column);
  const value = typeOf(meaning.meaning);
  // A column without a type takes values as they are.
  if (column.nativeType === '' || takes(type, value)) return meaning;
  return { unknown: `${nameOf(value)} put into a column of ${column.nativeType}` };
}

function safely(
  sql: string,
  words: SqlWords,
  columns: readonly ColumnSchema[],
  as: 'condition' | 'value',
): Meaning {
  try {
    return understandExpression(sql, words, columns, as);
  } catch (error) {
    // A catalog must be readable whatever SQL stands in it.
    return { unknown: `SQL that could not be read (${(error as Error).message})` };
  }
}

function viewMeanings(schema: DatabaseSchema, words: SqlWords): readonly ViewSchema[] {
  if (schema.views.length === 0) return schema.views;
  try {
    return understandViews(schema, words);
  } catch (error) {
    const unknown = `SQL that could not be read (${(error as Error).message})`;
    return schema.views.map((view) => ({ ...view, unknown }));
  }
}
