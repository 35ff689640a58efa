// Sequences as statements. Pure.
import type { ColumnSchema, SequenceOptions, TableName, TableSchema } from '../../types/schema.ts';
import { quote, quoteTable } from './names.ts';

/** ` AS integer INCREMENT BY 5 …`, or ''. What isn't given is as PostgreSQL has it by itself. */
export function optionsClause(options: SequenceOptions | undefined): string {
  if (!options) return '';
  const { nativeType, start, increment, min, max, cycle, cache } = options;
  const words: string[] = [];
  const number = (word: string, value: string | undefined) => {
    if (value !== undefined && /^-?\d{1,19}$/.test(value)) words.push(`${word} ${value}`);
  };
  if (nativeType !== undefined && /^(smallint|integer|bigint)$/.test(nativeType))
    words.push(`AS ${nativeType}`);
  number('INCREMENT BY', increment);
  number('MINVALUE', min);
  number('MAXVALUE', max);
  number('START WITH', start);
  number('CACHE', cache);
  if (cycle) words.push('CYCLE');
  return words.map((word) => ` ${word}`).join('');
}

export function createSequence(name: TableName, options: SequenceOptions | undefined): string {
  return `CREATE SEQUENCE IF NOT EXISTS ${quoteTable(name)}${optionsClause(options)}`;
}

/** It is dropped with the column. */
export function ownSequence(table: TableName, column: string, name: TableName): string {
  return `ALTER SEQUENCE ${quoteTable(name)} OWNED BY ${quoteTable(table)}.${quote(column)}`;
}

/** A sequence that stands alone and that a column takes its numbers from. */
export interface FreeSequence {
  readonly column: string;
  readonly name: TableName;
  readonly options: SequenceOptions | undefined;
  readonly next: string | undefined;
}

export function freeSequences(table: TableSchema): FreeSequence[] {
  return table.columns.flatMap((column) => freeSequence(column) ?? []);
}

function freeSequence({ name: column, default: value }: ColumnSchema): FreeSequence | null {
  if (value?.kind !== 'sequence' || !value.options?.name) return null;
  return { column, name: value.options.name, options: value.options, next: value.next };
}
