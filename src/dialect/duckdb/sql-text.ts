// DuckDB's SQL as text: quoting what goes in, cutting what the catalog gives back. Pure.
import { FerrowError } from '../../errors/ferrow-error.ts';
import type { TableName } from '../../types/schema.ts';

/** @throws FerrowError E_IDENTIFIER_INVALID on NUL or an empty name */
export function quote(identifier: string): string {
  if (identifier === '' || identifier.includes('\0')) {
    throw new FerrowError(
      'E_IDENTIFIER_INVALID',
      identifier === '' ? 'DuckDB takes no empty name' : 'DuckDB takes no NUL in a name',
      { dialect: 'duckdb' },
    );
  }
  return `"${identifier.replaceAll('"', '""')}"`;
}

export function quoteTable(table: TableName): string {
  return `${quote(table.schema ?? 'main')}.${quote(table.name)}`;
}

export function literal(text: string): string {
  if (text.includes('\0')) {
    // A statement ends at a NUL; DuckDB builds the character itself.
    return text.split('\0').map(literal).join(' || chr(0) || ');
  }
  return `'${text.replaceAll("'", "''")}'`;
}

export function columnList(columns: readonly string[]): string {
  return columns.map(quote).join(', ');
}

/**
 * Cuts text at top-level commas: not inside quotes, parentheses or brackets.
 * `at` is where to begin; ends at the closing parenthesis of that level, or at the end of the text.
 */
export function splitTopLevel(text: string, at = 0): { parts: string[]; end: number } {
  const parts: string[] = [];
  let from = at;
  let depth = 0;
  let i = at;
  for (; i < text.length; i++) {
    const char = text[i];
    if (char === "'" || char === '"') i = endOfQuoted(text, i);
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') {
      if (depth === 0) break;
      depth--;
    } else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  parts.push(text.slice(from, i).trim());
  return { parts, end: i };
}

/** Index of the quote that closes the one at `at`; doubled quotes stay inside. */
function endOfQuoted(text: string, at: number): number {
  const mark = text[at];
  let i = at + 1;
  while (i < text.length) {
    if (text[i] === mark) {
      if (text[i + 1] !== mark) return i;
      i++;
    }
    i++;
  }
  return text.length;
}

/** The text with quoted parts and everything in parentheses blanked out, same length: for looking for words. */
export function outline(text: string): string {
  let out = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "'" || char === '"') {
      const end = Math.min(endOfQuoted(text, i), text.length - 1);
      out += ' '.repeat(end - i + 1);
      i = end;
    } else if (char === '(') {
      out += depth++ === 0 ? char : ' ';
    } else if (char === ')') {
      out += --depth === 0 ? char : ' ';
    } else out += depth === 0 ? char : ' ';
  }
  return out;
}

/** Takes off parentheses that enclose the whole expression. */
export function stripParentheses(expression: string): string {
  let text = expression.trim();
  while (text.startsWith('(') && splitTopLevel(text, 1).end === text.length - 1)
    text = text.slice(1, -1).trim();
  return text;
}

/** Reads an identifier at the start of the text: quoted, or up to the first character that can't be in one. */
export function readIdentifier(text: string): { name: string; end: number } {
  if (text.startsWith('"')) {
    const end = endOfQuoted(text, 0);
    return { name: text.slice(1, end).replaceAll('""', '"'), end: end + 1 };
  }
  const plain = /^[\p{L}\p{N}_$]+/u.exec(text);
  return { name: plain?.[0] ?? '', end: plain?.[0].length ?? 0 };
}

/** Reads `"schema"."name"` or `name`. */
export function readQualified(text: string): TableName {
  const names: string[] = [];
  let rest = text.trim();
  for (;;) {
    const { name, end } = readIdentifier(rest);
    names.push(name);
    rest = rest.slice(end);
    if (!rest.startsWith('.')) break;
    rest = rest.slice(1);
  }
  return { schema: names.length > 1 ? names[names.length - 2] : null, name: names[names.length - 1] };
}

/** Reads one string literal that is the whole text; null if it isn't one. */
export function readLiteral(text: string): string | null {
  if (!text.startsWith("'") || endOfQuoted(text, 0) !== text.length - 1) return null;
  return text.slice(1, -1).replaceAll("''", "'");
}
