// Reads CREATE TABLE and CREATE INDEX for what no pragma tells: names of constraints, checks, collations,
// generated expressions, deferrable keys, conflict clauses, partial indexes. Pure.
import { TokenReader } from './token-reader.ts';
import { SqlSyntaxError } from './tokens.ts';

export interface ReadKey {
  readonly name: string | null;
  /** First word of each item; expressions don't occur in keys. */
  readonly columns: readonly string[];
  /** `IGNORE` of ON CONFLICT IGNORE. */
  readonly conflict?: string | null;
}

export interface ReadReference extends ReadKey {
  readonly match: 'simple' | 'full';
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

export interface ReadColumn {
  readonly name: string;
  readonly collation: string | null;
  readonly generated: string | null;
  /** Of NOT NULL ON CONFLICT. */
  readonly notNullConflict: string | null;
}

/** What a CREATE TABLE statement says. Foreign keys in the order of the text. */
export interface ReadTable {
  readonly columns: readonly ReadColumn[];
  readonly primaryKey: ReadKey | null;
  readonly autoincrement: boolean;
  readonly uniques: readonly ReadKey[];
  readonly foreignKeys: readonly ReadReference[];
  readonly checks: readonly { readonly name: string | null; readonly expression: string }[];
}

/** @throws SqlSyntaxError where the statement can't be followed */
export function readCreateTable(sql: string): ReadTable {
  const reader = new TokenReader(sql);
  reader.expect('CREATE');
  if (!reader.take('TEMP')) reader.take('TEMPORARY');
  reader.expect('TABLE');
  reader.take('IF', 'NOT', 'EXISTS');
  reader.qualifiedName();
  return new TableParser(reader).parse();
}

class TableParser {
  readonly #reader: TokenReader;
  readonly #columns: ReadColumn[] = [];
  readonly #uniques: ReadKey[] = [];
  readonly #foreignKeys: ReadReference[] = [];
  readonly #checks: { name: string | null; expression: string }[] = [];
  #primaryKey: ReadKey | null = null;
  #autoincrement = false;

  constructor(reader: TokenReader) {
    this.#reader = reader;
  }

  parse(): ReadTable {
    const reader = this.#reader;
    reader.expectSymbol('(');
    do this.#column();
    while (reader.takeSymbol(',') && !this.#atTableConstraint());
    while (!reader.takeSymbol(')')) {
      this.#tableConstraint();
      // SQLite lets the commas between table constraints be left out.
      reader.takeSymbol(',');
    }
    return {
      columns: this.#columns,
      primaryKey: this.#primaryKey,
      autoincrement: this.#autoincrement,
      uniques: this.#uniques,
      foreignKeys: this.#foreignKeys,
      checks: this.#checks,
    };
  }

  #atTableConstraint(): boolean {
    return TABLE_CONSTRAINTS.has(this.#reader.peek().keyword);
  }

  #column(): void {
    const reader = this.#reader;
    const name = reader.name();
    while (!COLUMN_CONSTRAINTS.has(reader.peek().keyword) && !this.#atItemEnd()) {
      if (reader.isSymbol('(')) reader.parenthesised();
      else reader.name();
    }
    let collation: string | null = null;
    let generated: string | null = null;
    let notNullConflict: string | null = null;
    let constraint: string | null = null;
    while (!this.#atItemEnd()) {
      if (reader.take('CONSTRAINT')) {
        constraint = reader.name();
        continue;
      }
      if (reader.take('PRIMARY', 'KEY')) {
        if (!reader.take('ASC')) reader.take('DESC');
        const conflict = this.#conflict();
        if (reader.take('AUTOINCREMENT')) this.#autoincrement = true;
        this.#primaryKey = { name: constraint, columns: [name], conflict };
      } else if (reader.take('UNIQUE')) {
        this.#uniques.push({ name: constraint, columns: [name], conflict: this.#conflict() });
      } else if (reader.take('NOT', 'NULL')) notNullConflict = this.#conflict();
      else if (reader.take('NULL')) this.#conflict();
      else if (reader.take('CHECK')) this.#check(constraint);
      else if (reader.take('DEFAULT')) this.#default();
      else if (reader.take('COLLATE')) collation = reader.name();
      else if (reader.take('REFERENCES')) this.#reference({ name: constraint, columns: [name] });
      else if (reader.take('GENERATED', 'ALWAYS', 'AS') || reader.take('AS')) {
        generated = reader.parenthesised();
        if (!reader.take('STORED')) reader.take('VIRTUAL');
      } else throw new SqlSyntaxError(`"${reader.peek().value}" behind column "${name}" is not understood`);
      constraint = null;
    }
    this.#columns.push({ name, collation, generated, notNullConflict });
  }

  #atItemEnd(): boolean {
    return this.#reader.isSymbol(',') || this.#reader.isSymbol(')');
  }

  #tableConstraint(): void {
    const reader = this.#reader;
    const name = reader.take('CONSTRAINT') ? reader.name() : null;
    if (reader.take('PRIMARY', 'KEY')) {
      const items = reader.list();
      const last = items.at(-1) ?? '';
      if (/\sautoincrement$/i.test(last)) this.#autoincrement = true;
      this.#primaryKey = { name, columns: items.map(firstName), conflict: this.#conflict() };
    } else if (reader.take('UNIQUE')) {
      const items = reader.list();
      this.#uniques.push({ name, columns: items.map(firstName), conflict: this.#conflict() });
    } else if (reader.take('CHECK')) this.#check(name);
    else if (reader.take('FOREIGN', 'KEY')) {
      const columns = reader.list().map(firstName);
      reader.expect('REFERENCES');
      this.#reference({ name, columns });
    } else if (name === null) {
      throw new SqlSyntaxError(`"${reader.peek().value}" among the constraints is not understood`);
    }
  }

  #check(name: string | null): void {
    this.#checks.push({ name, expression: this.#reader.parenthesised() });
    // SQLite takes it here, and does nothing with it.
    this.#conflict();
  }

  #default(): void {
    const reader = this.#reader;
    if (reader.isSymbol('(')) reader.parenthesised();
    else {
      if (!reader.takeSymbol('-')) reader.takeSymbol('+');
      reader.next();
    }
  }

  #reference(key: ReadKey): void {
    const reader = this.#reader;
    reader.qualifiedName();
    if (reader.isSymbol('(')) reader.list();
    let match: 'simple' | 'full' = 'simple';
    for (;;) {
      if (reader.take('MATCH')) match = reader.name().toUpperCase() === 'FULL' ? 'full' : 'simple';
      else if (reader.isWord('ON') && ['DELETE', 'UPDATE', 'INSERT'].includes(reader.peek(1).keyword)) {
        reader.next();
        reader.next();
        if (!reader.take('SET', 'NULL') && !reader.take('SET', 'DEFAULT') && !reader.take('NO', 'ACTION')) {
          if (!reader.take('CASCADE')) reader.expect('RESTRICT');
        }
      } else break;
    }
    const not = reader.take('NOT', 'DEFERRABLE');
    const deferrable = not || reader.take('DEFERRABLE');
    const deferred = deferrable && reader.take('INITIALLY', 'DEFERRED');
    if (deferrable && !deferred) reader.take('INITIALLY', 'IMMEDIATE');
    this.#foreignKeys.push({
      ...key,
      match,
      deferrable: deferrable && !not,
      initiallyDeferred: deferred && !not,
    });
  }

  /** How a conflict is resolved, if it says so. */
  #conflict(): string | null {
    const reader = this.#reader;
    return reader.take('ON', 'CONFLICT') ? reader.name().toUpperCase() : null;
  }
}

const TABLE_CONSTRAINTS = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN']);
const COLUMN_CONSTRAINTS = new Set([
  ...['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'NOT', 'NULL', 'DEFAULT', 'COLLATE', 'REFERENCES'],
  ...['GENERATED', 'AS'],
]);

function firstName(item: string): string {
  return new TokenReader(item).name();
}

export interface ReadIndex {
  /** Each part without ASC or DESC and COLLATE. */
  readonly parts: readonly string[];
  readonly where: string | null;
}

/** @throws SqlSyntaxError where the statement can't be followed */
export function readCreateIndex(sql: string): ReadIndex {
  const reader = new TokenReader(sql);
  reader.expect('CREATE');
  reader.take('UNIQUE');
  reader.expect('INDEX');
  reader.take('IF', 'NOT', 'EXISTS');
  reader.qualifiedName();
  reader.expect('ON');
  reader.name();
  const parts = reader.list().map(withoutOrder);
  return { parts, where: reader.take('WHERE') ? reader.rest() : null };
}

/** Cuts a trailing COLLATE name and ASC or DESC off an index part. */
function withoutOrder(part: string): string {
  const reader = new TokenReader(part);
  let end = part.length;
  while (!reader.atEnd) {
    const token = reader.peek();
    if (reader.isSymbol('(')) {
      reader.parenthesised();
      end = part.length;
    } else if (token.keyword === 'COLLATE' || token.keyword === 'ASC' || token.keyword === 'DESC') {
      end = Math.min(end, token.start);
      reader.next();
      if (token.keyword === 'COLLATE' && !reader.atEnd) reader.next();
    } else {
      reader.next();
      end = part.length;
    }
  }
  return part.slice(0, end).trim();
}
