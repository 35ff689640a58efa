// Floats as text: the fewest digits that mean the same value. Makes JS strings; used off the hot paths.

/** Shortest text of a float of `bits` as a JS number prints it: `1e+21`, `-0`, `NaN`, `Infinity`. */
export function floatText(value: number, bits: 32 | 64): string {
  if (Object.is(value, -0)) return '-0';
  return bits === 64 ? String(value) : shortestSingle(value);
}

/** Fewest digits that name the single-precision value. */
function shortestSingle(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** The shortest decimal without an exponent: `0.0000001`. Finite values only; -0 is `0`. */
export function plainDecimal(value: number, bits: 32 | 64): string {
  const text = value === 0 ? '0' : floatText(value, bits);
  const e = text.indexOf('e');
  if (e < 0) return text;
  const exponent = Number(text.slice(e + 1));
  const sign = text[0] === '-' ? '-' : '';
  const [whole, fraction = ''] = text.slice(sign.length, e).split('.');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`;
  return `${sign}${whole}${fraction}${'0'.repeat(exponent - fraction.length)}`;
}

/** As SQLite shows a REAL, so that it can be told from an integer: `5.0`, `1e+21`, `0.1`. */
export function realText(value: number): string {
  const text = floatText(value, 64);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
