// PostgreSQL's own grammar (libpg-query), which reads the SQL of all engines. Loaded once, when there is something to
// read; `loadGrammar` must have settled before anything is parsed.
import type { Node, SelectStmt } from 'libpg-query';
import { FerrowError } from '../errors/ferrow-error.ts';
import { notKnown } from './not-known.ts';
import type { Prepared, SqlWords } from './words.ts';

export type { Node, SelectStmt };

let grammar: typeof import('libpg-query') | null = null;

/** The package compiles its 1.7 MB of WebAssembly as soon as it is imported: so not before there is SQL to read. */
export async function loadGrammar(): Promise<void> {
  if (grammar) return;
  const loaded = await import('libpg-query');
  await loaded.loadModule();
  grammar = loaded;
}

export interface Parsed<Tree> {
  readonly tree: Tree;
  readonly prepared: Prepared;
  /** Where the engine's text begins in what was parsed, in bytes. */
  readonly offset: number;
}

/** Identifiers are cut to 63 bytes by the grammar; engines with longer names are not read past this. */
const NAME_BYTES_MAX = 59;

const PREFIX = 'SELECT ';

/** An expression, and nothing beside it. @throws NotKnown */
export function parseExpression(sql: string, words: SqlWords): Parsed<Node> {
  const prepared = words.prepare(sql);
  const select = parseSelect(PREFIX + prepared.sql, words);
  const { targetList, limitOption: _, op: __, ...others } = select;
  const target = targetList?.length === 1 ? targetList[0] : undefined;
  if (Object.keys(others).length > 0 || !target || !('ResTarget' in target)) {
    return notKnown('what is no single expression');
  }
  const { val, name, indirection } = target.ResTarget;
  if (val === undefined || name !== undefined || indirection !== undefined) {
    return notKnown('what is no single expression');
  }
  return { tree: val, prepared, offset: PREFIX.length };
}

/** A SELECT. @throws NotKnown */
export function parseQuery(sql: string, words: SqlWords): Parsed<SelectStmt> {
  const prepared = words.prepare(sql);
  return { tree: parseSelect(prepared.sql, words), prepared, offset: 0 };
}

function parseSelect(sql: string, words: SqlWords): SelectStmt {
  if (!grammar) throw new FerrowError('E_INTERNAL', 'SQL is read before the grammar is loaded');
  let statements: { stmt?: Node }[] | undefined;
  try {
    statements = grammar.parseSync(sql).stmts;
  } catch (error) {
    // The parser's message names the place; the text itself is in the report already.
    return notKnown(`SQL that only ${words.title} reads (${(error as Error).message})`);
  }
  const statement = statements?.length === 1 ? statements[0].stmt : undefined;
  if (!statement || !('SelectStmt' in statement)) return notKnown('what is no SELECT');
  if (words.engine !== 'postgres') checkNames(statement);
  return statement.SelectStmt;
}

function checkNames(node: unknown): void {
  if (Array.isArray(node)) for (const part of node) checkNames(part);
  else if (typeof node === 'object' && node !== null) {
    for (const [key, value] of Object.entries(node)) {
      const isName = key === 'relname' || key === 'aliasname' || key === 'name' || key === 'ctename';
      if (key === 'String' || isName) checkName(key === 'String' ? value.sval : value);
      checkNames(value);
    }
  }
}

function checkName(name: unknown): void {
  if (typeof name !== 'string' || name.length <= NAME_BYTES_MAX / 4) return;
  if (new TextEncoder().encode(name).length > NAME_BYTES_MAX) notKnown(`the long name ${name}`);
}

/** A node's kind and what it holds. */
export function contentOf(node: Node): readonly [kind: string, content: Record<string, unknown>] {
  return Object.entries(node)[0] as [string, Record<string, unknown>];
}

/** The strings of a qualified name. */
export function namesOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => {
    if (!('String' in node)) return notKnown('a name that is computed');
    return node.String.sval ?? '';
  });
}
