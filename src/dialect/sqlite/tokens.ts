// Cuts SQLite's SQL into tokens: names in all four quotings, strings, numbers, comments. Pure.

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'blob' | 'number' | 'symbol';
  /** What is meant: quotes and doubled quotes taken away. */
  readonly value: string;
  /** The word in capitals, to compare with keywords; '' for what is not a bare word. */
  readonly keyword: string;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

/** A text that does not follow SQLite's grammar as far as Ferrow knows it. */
export class SqlSyntaxError extends Error {}

/** @throws SqlSyntaxError on a quote or comment that never ends */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const add = (kind: Token['kind'], end: number, value: string) => {
    tokens.push({ kind, value, keyword: kind === 'word' ? value.toUpperCase() : '', start: at, end });
    at = end;
  };
  while (at < sql.length) {
    const char = sql[at];
    const next = sql[at + 1];
    if (isSpace(char)) at++;
    else if (char === '-' && next === '-') {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
    } else if (char === '/' && next === '*') {
      // SQLite lets the last comment run to the end of the text.
      const end = sql.indexOf('*/', at + 2);
      at = end < 0 ? sql.length : end + 2;
    } else if (char === "'") add('string', endOfQuoted(sql, at, "'"), unquote(sql, at, "'"));
    else if (char === '"' || char === '`') add('quoted', endOfQuoted(sql, at, char), unquote(sql, at, char));
    else if (char === '[') {
      const end = sql.indexOf(']', at);
      if (end < 0) throw new SqlSyntaxError('a [ that never ends');
      add('quoted', end + 1, sql.slice(at + 1, end));
    } else if ((char === 'x' || char === 'X') && next === "'") {
      const end = endOfQuoted(sql, at + 1, "'");
      add('blob', end, sql.slice(at + 2, end - 1).toLowerCase());
    } else if (isDigit(char) || (char === '.' && isDigit(next))) {
      const end = endOfNumber(sql, at);
      add('number', end, sql.slice(at, end));
    } else if (isWordChar(char)) {
      let end = at + 1;
      while (end < sql.length && isWordChar(sql[end])) end++;
      add('word', end, sql.slice(at, end));
    } else add('symbol', at + 1, char);
  }
  return tokens;
}

function endOfQuoted(sql: string, start: number, quote: string): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (sql[at] !== quote) continue;
    if (sql[at + 1] !== quote) return at + 1;
    at++;
  }
  throw new SqlSyntaxError(`a ${quote} that never ends`);
}

function unquote(sql: string, start: number, quote: string): string {
  return sql.slice(start + 1, endOfQuoted(sql, start, quote) - 1).replaceAll(quote + quote, quote);
}

function endOfNumber(sql: string, start: number): number {
  let at = start;
  if (sql[at] === '0' && (sql[at + 1] === 'x' || sql[at + 1] === 'X')) {
    at += 2;
    while (at < sql.length && /[0-9a-f]/i.test(sql[at])) at++;
    return at;
  }
  const digits = () => {
    while (at < sql.length && (isDigit(sql[at]) || sql[at] === '_')) at++;
  };
  digits();
  if (sql[at] === '.') {
    at++;
    digits();
  }
  if (sql[at] === 'e' || sql[at] === 'E') {
    const sign = sql[at + 1] === '+' || sql[at + 1] === '-' ? 2 : 1;
    if (isDigit(sql[at + sign])) {
      at += sign;
      digits();
    }
  }
  return at;
}

const isSpace = (char: string): boolean => char === ' ' || (char >= '\t' && char <= '\r');
const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';

function isWordChar(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') ||
    (char >= 'A' && char <= 'Z') ||
    isDigit(char) ||
    char === '_' ||
    char === '$' ||
    char >= '\x80'
  );
}
