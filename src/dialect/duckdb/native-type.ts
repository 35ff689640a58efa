// DuckDB's own spelling of types, as duckdb_columns().data_type has it and DDL takes it, to a tree and back. Pure.
//
//   type    := base suffix*          suffix := '[' digits? ']'
//   base    := STRUCT '(' fields ')' | UNION '(' fields ')' | MAP '(' type ',' type ')' | ENUM '(' labels ')'
//            | name ( '(' argument, … ')' )?
//   fields  := identifier type, …    labels := 'text', …    name := words | quoted identifier
//
// The text comes from a stranger's file: whatever isn't of this form, or nests too deep, is no type.

export type NativeType =
  /** `name` in capitals, words apart by one space; arguments as they are written. */
  | { readonly kind: 'plain'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'enum'; readonly labels: readonly string[] }
  | { readonly kind: 'list'; readonly element: NativeType; readonly size: number | null }
  | { readonly kind: 'struct'; readonly fields: readonly NativeField[] }
  | { readonly kind: 'map'; readonly key: NativeType; readonly value: NativeType }
  | { readonly kind: 'union'; readonly fields: readonly NativeField[] };

export interface NativeField {
  readonly name: string;
  readonly type: NativeType;
}

/** Deeper types than these are nobody's, but a stack ends. */
const DEPTH_MAX = 200;

/** Other names that DuckDB has for its types, where its catalog prints the long ones. */
const SAME_NAMES: Readonly<Record<string, string>> = {
  TIMETZ: 'TIME WITH TIME ZONE',
  TIMESTAMPTZ: 'TIMESTAMP WITH TIME ZONE',
  VARINT: 'BIGNUM',
};

/** The tree of a type's text; null if the text is no type. */
export function parseType(text: string): NativeType | null {
  const reader = new Reader(text);
  const type = reader.type(0);
  return type !== null && reader.atEnd() ? type : null;
}

/** The type as DuckDB's catalog writes it. */
export function printType(type: NativeType): string {
  switch (type.kind) {
    case 'plain': {
      const name = isPlainName(type.name) ? type.name : quoted(type.name);
      return type.args.length === 0 ? name : `${name}(${type.args.join(',')})`;
    }
    case 'enum':
      return `ENUM(${type.labels.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ')})`;
    case 'list':
      return `${printType(type.element)}[${type.size ?? ''}]`;
    case 'map':
      return `MAP(${printType(type.key)}, ${printType(type.value)})`;
    default: {
      const fields = type.fields.map((field) => `${quoted(field.name)} ${printType(field.type)}`);
      return `${type.kind.toUpperCase()}(${fields.join(', ')})`;
    }
  }
}

/** The tree with each plain type replaced. */
export function mapPlain(
  type: NativeType,
  change: (plain: Extract<NativeType, { kind: 'plain' }>) => NativeType,
): NativeType {
  switch (type.kind) {
    case 'plain':
      return change(type);
    case 'enum':
      return type;
    case 'list':
      return { ...type, element: mapPlain(type.element, change) };
    case 'map':
      return { kind: 'map', key: mapPlain(type.key, change), value: mapPlain(type.value, change) };
    default:
      return {
        ...type,
        fields: type.fields.map((field) => ({ name: field.name, type: mapPlain(field.type, change) })),
      };
  }
}

/** The plain types in a tree, from left to right. */
export function plainTypes(type: NativeType): string[] {
  const names: string[] = [];
  mapPlain(type, (plain) => {
    names.push(plain.name);
    return plain;
  });
  return names;
}

const isPlainName = (name: string): boolean =>
  /^[A-Z_][A-Z0-9_]*( [A-Z0-9_]+)*$/.test(name) &&
  !/^(NULL|STRUCT|UNION|MAP|ENUM)$/.test(name) &&
  !Object.hasOwn(SAME_NAMES, name);

/** Names are always quoted: what is a word of DuckDB's grammar changes from version to version. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length;
  }

  type(depth: number): NativeType | null {
    if (depth > DEPTH_MAX) return null;
    let type = this.#base(depth);
    for (let suffixes = 0; type !== null && this.#take('['); suffixes++) {
      if (depth + suffixes > DEPTH_MAX) return null;
      const digits = this.#match(/\d{1,9}/y);
      if (!this.#take(']') || digits === '0') return null;
      type = { kind: 'list', element: type, size: digits === null ? null : Number(digits) };
    }
    return type;
  }

  #base(depth: number): NativeType | null {
    this.#skipSpace();
    if (this.#text[this.#at] === '"') {
      const name = this.#quoted('"');
      return name === null ? null : this.#plain(name);
    }
    const words = this.#match(/[A-Za-z_][A-Za-z0-9_]*(?: +[A-Za-z_][A-Za-z0-9_]*)*/y);
    if (words === null) return null;
    const name = words.toUpperCase().replaceAll(/ +/g, ' ');
    switch (name) {
      case 'STRUCT':
      case 'UNION': {
        const fields = this.#fields(depth);
        return fields && { kind: name === 'STRUCT' ? 'struct' : 'union', fields };
      }
      case 'MAP':
        return this.#map(depth);
      case 'ENUM':
        return this.#enum();
      default:
        return this.#plain(Object.hasOwn(SAME_NAMES, name) ? SAME_NAMES[name] : name);
    }
  }

  #plain(name: string): NativeType | null {
    const args: string[] = [];
    if (!this.#take('(')) return { kind: 'plain', name, args };
    do {
      this.#skipSpace();
      if (this.#text[this.#at] === "'") {
        const text = this.#quoted("'");
        if (text === null) return null;
        args.push(`'${text.replaceAll("'", "''")}'`);
      } else {
        const digits = this.#match(/\d{1,9}/y);
        if (digits === null) return null;
        args.push(digits);
      }
    } while (this.#take(','));
    return this.#take(')') ? { kind: 'plain', name, args } : null;
  }

  #fields(depth: number): NativeField[] | null {
    const fields: NativeField[] = [];
    if (!this.#take('(')) return null;
    do {
      this.#skipSpace();
      const isQuoted = this.#text[this.#at] === '"';
      const name = isQuoted ? this.#quoted('"') : this.#match(/[\p{L}\p{N}_$]+/uy);
      const type = name === null ? null : this.type(depth + 1);
      if (name === null || type === null) return null;
      fields.push({ name, type });
    } while (this.#take(','));
    return this.#take(')') ? fields : null;
  }

  #map(depth: number): NativeType | null {
    if (!this.#take('(')) return null;
    const key = this.type(depth + 1);
    if (key === null || !this.#take(',')) return null;
    const value = this.type(depth + 1);
    return value !== null && this.#take(')') ? { kind: 'map', key, value } : null;
  }

  #enum(): NativeType | null {
    const labels: string[] = [];
    if (!this.#take('(')) return null;
    do {
      this.#skipSpace();
      const label = this.#quoted("'");
      if (label === null) return null;
      labels.push(label);
    } while (this.#take(','));
    return this.#take(')') ? { kind: 'enum', labels } : null;
  }

  /** What stands in quotes here, doubled quotes being one; null if there is no such. */
  #quoted(mark: string): string | null {
    if (this.#text[this.#at] !== mark) return null;
    let out = '';
    for (let from = this.#at + 1; ; ) {
      const end = this.#text.indexOf(mark, from);
      if (end < 0) return null;
      out += this.#text.slice(from, end);
      if (this.#text[end + 1] !== mark) {
        this.#at = end + 1;
        return out;
      }
      out += mark;
      from = end + 2;
    }
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(sticky: RegExp): string | null {
    this.#skipSpace();
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text);
    if (found === null) return null;
    this.#at += found[0].length;
    return found[0];
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\n' || this.#text[this.#at] === '\t')
      this.#at++;
  }
}
