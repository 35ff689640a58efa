// The script that makes tables: schemas, types, sequences, tables with their partitions, indexes, inheritance, foreign
// keys. Pure.
import type { TableSchema } from '../../types/schema.ts';
import type { SchemaParts } from '../dialect.ts';
import {
  commentStatements,
  commentText,
  constraintClauses,
  constraintComment,
  createTable,
  foreignKeyStatement,
  indexComment,
  indexStatement,
} from './ddl.ts';
import { quote, quoteTable } from './names.ts';
import { ownConstraintStatement, partitionStatement, placedPartitions } from './partition-ddl.ts';
import { createSequence, freeSequences, ownSequence } from './sequence-ddl.ts';
import { tableFacts } from './table-facts.ts';
import { distinctTypes, userTypeStatements } from './user-types.ts';

export function script(tables: readonly TableSchema[], parts: SchemaParts): string[] {
  const types = distinctTypes(
    tables.flatMap((table) => table.columns.flatMap((column) => column.needs ?? [])),
  );
  const sequences = new Map(
    tables.flatMap(freeSequences).map((sequence) => [quoteTable(sequence.name), sequence]),
  );
  const statements = schemaStatements([
    ...tables.flatMap((table) => [
      table,
      ...placedPartitions(table, table, (each) => each).map((each) => each.name),
    ]),
    ...types,
    ...[...sequences.values()].map((sequence) => sequence.name),
  ]);
  for (const type of types) statements.push(...userTypeStatements(type));
  for (const { name, options } of sequences.values()) statements.push(createSequence(name, options));
  for (const table of tables) statements.push(...tableStatements(table, parts));
  for (const table of parts.indexes ? tables : [])
    for (const index of table.indexes) {
      statements.push(indexStatement(index, table));
      if (index.comment) statements.push(indexComment(table, index.name, index.comment));
    }
  // Replica identity and the like name indexes.
  for (const table of tables)
    for (const action of tableFacts(table).alter)
      statements.push(`ALTER TABLE ${quoteTable(table)} ${action}`);
  for (const table of tables)
    for (const parent of table.inherits ?? [])
      statements.push(`ALTER TABLE ${quoteTable(table)} INHERIT ${quoteTable(parent)}`);
  for (const table of parts.foreignKeys ? tables : []) statements.push(...foreignKeyStatements(table));
  return statements;
}

function schemaStatements(names: readonly { readonly schema: string | null }[]): string[] {
  const schemas = new Set(names.map((name) => name.schema));
  return [...schemas]
    .filter((schema) => schema !== null && schema !== 'public')
    .map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quote(schema ?? '')}`);
}

function tableStatements(table: TableSchema, parts: SchemaParts): string[] {
  const statements = [createTable(table, table, { constraints: true }), ...commentStatements(table, table)];
  for (const { column, name, options } of freeSequences(table))
    if (options?.owned) statements.push(ownSequence(table, column, name));
  for (const { name, comment } of constraintClauses(table))
    if (name !== null && comment) statements.push(constraintComment(table, name, comment));
  const partitions = placedPartitions(table, table, (partition) => partition);
  for (const placed of partitions) {
    const { partition, name } = placed;
    statements.push(partitionStatement(placed));
    for (const constraint of partition.constraints ?? [])
      if (!constraint.definition.startsWith('FOREIGN KEY'))
        statements.push(ownConstraintStatement(name, constraint));
    if (parts.indexes)
      for (const index of partition.indexes ?? []) statements.push(indexStatement(index, name));
    for (const action of partition.alter ?? []) statements.push(`ALTER TABLE ${quoteTable(name)} ${action}`);
    if (partition.comment)
      statements.push(`COMMENT ON TABLE ${quoteTable(name)} IS ${commentText(partition.comment)}`);
  }
  return statements;
}

/** With those that only PostgreSQL has: not enforced, or of one partition alone. */
export function foreignKeyStatements(table: TableSchema): string[] {
  const { notValid, constraints } = tableFacts(table);
  const statements: string[] = [];
  for (const key of table.foreignKeys) {
    statements.push(foreignKeyStatement(key, table, key.name !== null && notValid.includes(key.name)));
    if (key.name !== null && key.comment) statements.push(constraintComment(table, key.name, key.comment));
  }
  for (const own of constraints)
    if (own.object === 'foreign key') statements.push(ownConstraintStatement(table, own));
  for (const { partition, name } of placedPartitions(table, table, (each) => each))
    for (const constraint of partition.constraints ?? [])
      if (constraint.definition.startsWith('FOREIGN KEY'))
        statements.push(ownConstraintStatement(name, constraint));
  return statements;
}
