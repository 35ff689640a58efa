// SQLite's SQL as PostgreSQL's grammar can read it: the same tokens, every name quoted, SQLite's own operators under names
// that the grammar takes. How operators nest is checked afterwards, by the depth of brackets. Pure.
import { notKnown } from '../../sql/not-known.ts';
import type { Prepared } from '../../sql/words.ts';
import { SqlSyntaxError, type Token, tokenize } from './tokens.ts';

/** Words that build statements and expressions; every other bare word is a name. */
const STRUCTURE = new Set(
  `AND OR NOT IS NULL ISNULL NOTNULL IN BETWEEN LIKE ESCAPE CASE WHEN THEN ELSE END CAST AS COLLATE EXISTS TRUE FALSE
  SELECT DISTINCT ALL FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET ASC DESC NULLS FIRST LAST JOIN LEFT RIGHT FULL OUTER
  INNER CROSS NATURAL ON USING UNION INTERSECT EXCEPT WITH RECURSIVE VALUES OVER PARTITION FILTER WINDOW ROWS RANGE GROUPS
  UNBOUNDED PRECEDING FOLLOWING CURRENT ROW EXCLUDE TIES OTHERS NO CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME`.split(
    /\s+/,
  ),
);

/** Symbols of two and three characters; the tokens are of one. */
const COMPOUND = ['->>', '||', '==', '!=', '<>', '<=', '>=', '<<', '>>', '->'];

/** What may stand behind IS with its usual meaning; anything else is compared. */
const AFTER_IS = new Set(['NULL', 'TRUE', 'FALSE', 'DISTINCT']);

/** @throws NotKnown */
export function grammarText(sql: string): Prepared {
  let tokens: Token[];
  try {
    tokens = tokenize(sql);
  } catch (error) {
    if (error instanceof SqlSyntaxError) return notKnown(error.message);
    throw error;
  }
  const writer = new Writer(tokens);
  while (writer.more) writer.step();
  return writer.prepared();
}

class Writer {
  readonly #tokens: readonly Token[];
  #at = 0;
  #sql = '';
  #bytes = 0;
  #depth = 0;
  /** Where tokens begin, and how deep in brackets. */
  readonly #depths = new Map<number, number>();
  /** Depths at which a CAST waits for its AS. */
  readonly #casts: number[] = [];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get more(): boolean {
    return this.#at < this.#tokens.length;
  }

  prepared(): Prepared {
    return { sql: this.#sql, depthAt: (byte) => this.#depths.get(byte) ?? 0 };
  }

  #write(text: string): void {
    this.#depths.set(this.#bytes, this.#depth);
    this.#sql += `${text} `;
    this.#bytes += Buffer.byteLength(text) + 1;
  }

  #keyword(ahead: number): string {
    return this.#tokens[this.#at + ahead]?.keyword ?? '';
  }

  #isSymbol(symbol: string, ahead: number): boolean {
    const token = this.#tokens[this.#at + ahead];
    return token?.kind === 'symbol' && token.value === symbol;
  }

  step(): void {
    const token = this.#tokens[this.#at];
    switch (token.kind) {
      case 'word':
        this.#word(token);
        return;
      case 'symbol':
        this.#symbol(token);
        return;
      case 'number':
        this.#write(token.value.startsWith('0x') || token.value.startsWith('0X') ? hex(token) : plain(token));
        break;
      case 'blob':
        this.#write(`X'${token.value}'`);
        break;
      case 'string':
        if (token.value.includes('\0')) notKnown('a text with a NUL');
        this.#write(`'${token.value.replaceAll("'", "''")}'`);
        break;
      case 'quoted':
        this.#write(quoted(token.value));
        break;
    }
    this.#at++;
  }

  #word({ keyword, value }: Token): void {
    if (keyword === 'GLOB' || (keyword === 'NOT' && this.#keyword(1) === 'GLOB')) {
      this.#write(keyword === 'NOT' ? '!~~~' : '~~~');
      this.#at += keyword === 'NOT' ? 2 : 1;
    } else if (keyword === 'MATCH' || keyword === 'REGEXP') notKnown(`the operator ${keyword}`);
    else if (keyword === 'IS') this.#is();
    else if (keyword === 'CAST' && this.#isSymbol('(', 1)) {
      this.#casts.push(this.#depth + 1);
      this.#write('CAST');
      this.#at++;
    } else if (keyword === 'AS' && this.#casts.at(-1) === this.#depth) this.#castType();
    else if (STRUCTURE.has(keyword)) {
      this.#write(keyword);
      this.#at++;
    } else {
      this.#write(quoted(this.#isSymbol('(', 1) ? value.toLowerCase() : value));
      this.#at++;
    }
  }

  /** IS compares any two values, NULL too. */
  #is(): void {
    const isNot = this.#keyword(1) === 'NOT';
    const next = this.#keyword(isNot ? 2 : 1);
    if (AFTER_IS.has(next)) this.#write('IS');
    else this.#write(isNot ? 'IS DISTINCT FROM' : 'IS NOT DISTINCT FROM');
    this.#at += isNot && !AFTER_IS.has(next) ? 2 : 1;
  }

  /** Type names are any words. */
  #castType(): void {
    this.#casts.pop();
    this.#write('AS');
    this.#at++;
    const words: string[] = [];
    while (this.#tokens[this.#at]?.kind === 'word' || this.#tokens[this.#at]?.kind === 'quoted') {
      words.push(this.#tokens[this.#at].value.toLowerCase());
      this.#at++;
    }
    this.#write(quoted(words.join(' ')));
  }

  #symbol({ start, value }: Token): void {
    const compound = COMPOUND.find((symbol) =>
      [...symbol].every((char, ahead) => {
        const token = this.#tokens[this.#at + ahead];
        return this.#isSymbol(char, ahead) && token.start === start + ahead;
      }),
    );
    if (compound) {
      this.#write(compound === '==' ? '=' : compound);
      this.#at += compound.length;
      return;
    }
    if (value === ')') this.#depth--;
    this.#write(value);
    if (value === '(') this.#depth++;
    this.#at++;
  }
}

function quoted(name: string): string {
  if (name === '' || name.includes('\0')) return notKnown('a name that other engines do not take');
  return `"${name.replaceAll('"', '""')}"`;
}

/** 64 bits, two's complement. */
function hex({ value }: Token): string {
  return BigInt.asIntN(64, BigInt(value)).toString();
}

function plain({ value }: Token): string {
  return value.replaceAll('_', '');
}
