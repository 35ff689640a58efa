// Reads CREATE VIEW: its SELECT, and which tables and views that names. Pure.
import { TokenReader } from './token-reader.ts';
import { SqlSyntaxError, tokenize } from './tokens.ts';

/** The SELECT behind AS, or null where the statement can't be followed. */
export function readCreateView(sql: string): string | null {
  try {
    const reader = new TokenReader(sql);
    reader.expect('CREATE');
    if (!reader.take('TEMP')) reader.take('TEMPORARY');
    reader.expect('VIEW');
    reader.take('IF', 'NOT', 'EXISTS');
    reader.qualifiedName();
    if (reader.isSymbol('(')) reader.list();
    reader.expect('AS');
    return reader.rest() || null;
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null;
    throw error;
  }
}

/**
 * Which of `names` a SELECT may read: those that stand where a table can. A column of the same name behind a comma
 * counts too; that only puts the view behind what it doesn't need.
 */
export function namesRead(select: string, names: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  const tokens = tokensOf(select);
  tokens.forEach(({ kind, value }, at) => {
    if (kind !== 'word' && kind !== 'quoted' && kind !== 'string') return;
    const name = names.get(value.toLowerCase());
    if (name === undefined) return;
    const before = tokens[at - 1];
    const next = tokens[at + 1];
    const opens = before?.kind === 'symbol' && ['(', ',', '.'].includes(before.value);
    const follows = before?.keyword === 'FROM' || before?.keyword === 'JOIN' || before?.keyword === 'IN';
    const isTable = next?.kind !== 'symbol' || !['.', '('].includes(next.value);
    if ((opens || follows) && isTable) found.add(name);
  });
  return [...found];
}

function tokensOf(sql: string): ReturnType<typeof tokenize> {
  try {
    return tokenize(sql);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return [];
    throw error;
  }
}

/** Puts what is read before what reads it; else the order stays. `reads` gives names of items. */
export function inOrder<Item extends { readonly name: string }>(
  items: readonly Item[],
  reads: (item: Item) => readonly string[],
): Item[] {
  const byName = new Map(items.map((item) => [item.name, item]));
  const done = new Set<Item>();
  const visit = (item: Item, path: ReadonlySet<Item>): void => {
    if (done.has(item) || path.has(item)) return;
    const further = new Set(path).add(item);
    for (const name of reads(item)) {
      const other = byName.get(name);
      if (other) visit(other, further);
    }
    done.add(item);
  };
  for (const item of items) visit(item, new Set());
  return [...done];
}
