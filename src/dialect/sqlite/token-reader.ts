// Walks over the tokens of one SQL statement. Pure.
import { SqlSyntaxError, type Token, tokenize } from './tokens.ts';

const END: Token = { kind: 'symbol', value: '', keyword: '', start: -1, end: -1 };

export class TokenReader {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    this.#sql = sql;
    this.#tokens = tokenize(sql);
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** The token `ahead` places on; an empty symbol past the end. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  next(): Token {
    if (this.atEnd) throw new SqlSyntaxError('the statement ends too early');
    return this.#tokens[this.#at++];
  }

  isWord(keyword: string): boolean {
    return this.peek().keyword === keyword;
  }

  isSymbol(symbol: string): boolean {
    const token = this.peek();
    return token.kind === 'symbol' && token.value === symbol;
  }

  /** Takes the keywords if they stand here, all or none. */
  take(...keywords: readonly string[]): boolean {
    if (!keywords.every((keyword, ahead) => this.peek(ahead).keyword === keyword)) return false;
    this.#at += keywords.length;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#at++;
    return true;
  }

  expect(...keywords: readonly string[]): void {
    if (!this.take(...keywords)) throw new SqlSyntaxError(`${keywords.join(' ')} expected`);
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw new SqlSyntaxError(`${symbol} expected`);
  }

  /** A name, however it is quoted; SQLite takes strings for names too. */
  name(): string {
    const token = this.next();
    if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'string') {
      throw new SqlSyntaxError('a name expected');
    }
    return token.value;
  }

  /** `schema.name` or `name`; gives the name. */
  qualifiedName(): string {
    const name = this.name();
    return this.takeSymbol('.') ? this.name() : name;
  }

  /** What stands between the parenthesis here and its partner, as text, trimmed. */
  parenthesised(): string {
    this.expectSymbol('(');
    const from = this.#tokens[this.#at - 1].end;
    this.skipToClosing();
    return this.#sql.slice(from, this.#tokens[this.#at - 1].start).trim();
  }

  /** Skips to just behind the `)` that closes what was opened before. */
  skipToClosing(): void {
    for (let depth = 1; depth > 0; ) {
      if (this.takeSymbol('(')) depth++;
      else if (this.takeSymbol(')')) depth--;
      else this.next();
    }
  }

  /** The items of a parenthesised list, cut at its own commas, as text. */
  list(): string[] {
    this.expectSymbol('(');
    const items: string[] = [];
    let from = this.#tokens[this.#at - 1].end;
    for (;;) {
      if (this.takeSymbol('(')) this.skipToClosing();
      else if (this.isSymbol(',') || this.isSymbol(')')) {
        const token = this.next();
        items.push(this.#sql.slice(from, token.start).trim());
        from = token.end;
        if (token.value === ')') return items;
      } else this.next();
    }
  }

  /** All from here to the end, as text. */
  rest(): string {
    const from = this.peek().start;
    this.#at = this.#tokens.length;
    return from < 0 ? '' : this.#sql.slice(from).trim();
  }
}
