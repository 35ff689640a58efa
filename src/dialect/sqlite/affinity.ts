// SQLite's type affinity: what a column does to the values put into it. Pure.

export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric';

/** By SQLite's own rule: substrings of the declared type, in this order. '' is 'blob', which changes nothing. */
export function affinityOf(declaredType: string): Affinity {
  const type = declaredType.toUpperCase();
  if (type.includes('INT')) return 'integer';
  if (type.includes('CHAR') || type.includes('CLOB') || type.includes('TEXT')) return 'text';
  if (type === '' || type.includes('BLOB')) return 'blob';
  if (type.includes('REAL') || type.includes('FLOA') || type.includes('DOUB')) return 'real';
  return 'numeric';
}

export interface DeclaredType {
  /** In capitals, single spaces, without parameters: `VARCHAR`, `UNSIGNED BIG INT`. */
  readonly name: string;
  readonly parameters: readonly number[];
}

/** `varchar ( 20 )` -> VARCHAR and [20]. Parameters that aren't plain numbers are left out. */
export function parseDeclared(declaredType: string): DeclaredType {
  const open = declaredType.indexOf('(');
  const close = declaredType.lastIndexOf(')');
  const hasParameters = open >= 0 && close > open;
  const text = hasParameters ? declaredType.slice(0, open) + declaredType.slice(close + 1) : declaredType;
  const parameters = hasParameters
    ? declaredType
        .slice(open + 1, close)
        .split(',')
        .map((part) => part.trim())
        .filter((part) => /^[0-9]{1,9}$/.test(part))
        .map(Number)
    : [];
  return { name: text.trim().replace(/\s+/g, ' ').toUpperCase(), parameters };
}
