// Kernels of booleans, integers, decimals and floats, against models of BigInt and strings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnOf, unscaled } from '../../corpus/columns.ts';
import { BOOL, convert, convertColumn, decimal, float, int, NUMERIC, TEXT } from './run.ts';

const SEED = { seed: 20240229, numRuns: 60 };

const WIDTHS = [8, 16, 32, 64, 128] as const;
const INTS = WIDTHS.flatMap((bits) => [int(bits, true), int(bits, false)]) as Extract<
  ReturnType<typeof int>,
  { kind: 'int' }
>[];

function range(type: (typeof INTS)[number]): [bigint, bigint] {
  const span = 1n << BigInt(type.signed ? type.bits - 1 : type.bits);
  return type.signed ? [-span, span - 1n] : [0n, span - 1n];
}

/** Integers near the bounds of all types, and anywhere. */
function integersOf(type: (typeof INTS)[number]): fc.Arbitrary<bigint> {
  const [min, max] = range(type);
  const edges = INTS.flatMap((other) => range(other)).flatMap((n) => [n - 1n, n, n + 1n]);
  edges.push(0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 32n);
  const inside = edges.filter((n) => n >= min && n <= max);
  return fc.oneof(fc.constantFrom(...inside), fc.bigInt({ min, max }));
}

test('any integer type becomes any other: in range the same, outside refused', () => {
  for (const from of INTS) {
    for (const to of INTS) {
      const [min, max] = range(to);
      fc.assert(
        fc.property(fc.array(fc.option(integersOf(from), { nil: null }), { maxLength: 12 }), (values) => {
          const texts = values.map((value) => value?.toString() ?? null);
          const got = convert(from, to, texts);
          const fits = values.map((value) => value !== null && value >= min && value <= max);
          assert.deepEqual(
            got.texts,
            texts.map((text, row) => (fits[row] ? text : null)),
          );
          const bad = values.flatMap((value, row) =>
            value !== null && !fits[row] ? [`${row} E_INT_RANGE`] : [],
          );
          assert.deepEqual(got.refused, bad);
        }),
        { ...SEED, numRuns: 12 },
      );
    }
  }
});

test('booleans are 0 and 1 in every integer type, and come back', () => {
  for (const type of INTS) {
    const there = convert(BOOL, type, ['true', 'false', null, 'true']);
    assert.deepEqual(there.texts, ['1', '0', null, '1']);
    assert.deepEqual(convertColumn(there.column, BOOL).texts, ['true', 'false', null, 'true']);
    const others = convert(type, BOOL, ['0', '2', '1', null]);
    assert.deepEqual(others.texts, ['false', null, 'true', null]);
    assert.deepEqual(others.refused, ['1 E_BOOLEAN_DOMAIN']);
    assert.deepEqual(others.values, ['2']);
  }
  assert.deepEqual(convert(TEXT, BOOL, ['true', 'false', 't', 'TRUE', '', null]).refused, [
    '2 E_BOOLEAN_DOMAIN',
    '3 E_BOOLEAN_DOMAIN',
    '4 E_BOOLEAN_DOMAIN',
  ]);
});

test('integers become floats only where the float is that integer', () => {
  for (const from of INTS) {
    for (const bits of [32, 64] as const) {
      fc.assert(
        fc.property(integersOf(from), (value) => {
          const number = bits === 32 ? Math.fround(Number(value)) : Number(value);
          const exact = Number.isFinite(number) && BigInt(number) === value;
          const got = convert(from, float(bits), [value.toString()]);
          assert.deepEqual(got.refused, exact ? [] : ['0 E_INT_RANGE']);
          const back = convertColumn(got.column, from);
          assert.deepEqual(back.texts, [exact ? value.toString() : null]);
        }),
        { ...SEED, numRuns: 30 },
      );
    }
  }
});

test('floats become integers only where they are whole and in range', () => {
  const texts = ['1.5', 'NaN', 'Infinity', '-1', '9223372036854775808', '9223372036854774784', '-0', '1e300'];
  const got = convert(float(64), int(64), texts);
  assert.deepEqual(got.texts, [null, null, null, '-1', null, '9223372036854774784', '0', null]);
  assert.deepEqual(got.used, { negative_zero: 1 });
  assert.deepEqual(got.refused, [
    '0 E_INT_RANGE',
    '1 E_NAN_UNSUPPORTED',
    '2 E_INT_RANGE',
    '4 E_INT_RANGE',
    '7 E_INT_RANGE',
  ]);
  assert.deepEqual(convert(float(64), int(64), ['NaN'], { nan: 'null' }).used, { nan: 1 });
});

/** value / 10^drop, rounded half away from zero, and whether anything was dropped. */
function divided(value: bigint, drop: number): { value: bigint; dropped: boolean } {
  const divisor = 10n ** BigInt(drop);
  const magnitude = value < 0n ? -value : value;
  const rounded = (magnitude * 2n + divisor) / (divisor * 2n);
  return { value: value < 0n ? -rounded : rounded, dropped: magnitude % divisor !== 0n };
}

const printed = (value: bigint, scale: number) => {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
};

const decimals = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38), fc.integer({ min: 1, max: 38 }), fc.nat(38))
  .filter(([p, s, p2, s2]) => s <= p && s2 <= p2);

test('decimals at another precision and scale: exact, refused, or rounded half away from zero', () => {
  fc.assert(
    fc.property(
      decimals,
      fc.array(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), { maxLength: 8 }),
      (types, raw) => {
        const [p, s, p2, s2] = types;
        const values = raw.map(
          (value, n) => (n % 2 ? value : value / 10n ** BigInt(n * 3)) % 10n ** BigInt(p),
        );
        const texts = values.map((value) => printed(value, s));
        for (const round of [false, true]) {
          const got = convert(decimal(p, s), decimal(p2, s2), texts, round ? { decimal: 'round' } : {});
          values.forEach((value, row) => {
            const scaled =
              s2 >= s ? { value: value * 10n ** BigInt(s2 - s), dropped: false } : divided(value, s - s2);
            const limit = 10n ** BigInt(p2);
            const ok = scaled.value < limit && scaled.value > -limit && (round || !scaled.dropped);
            assert.equal(got.texts[row], ok ? printed(scaled.value, s2) : null, `${texts[row]} (${types})`);
          });
          assert.equal(got.refused.length, got.texts.filter((text) => text === null).length);
        }
      },
    ),
    { ...SEED, numRuns: 400 },
  );
});

test('decimals through text and numeric come back', () => {
  fc.assert(
    fc.property(decimals, fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), ([p, s], raw) => {
      const text = printed(raw % 10n ** BigInt(p), s);
      for (const through of [TEXT, NUMERIC]) {
        const there = convert(decimal(p, s), through, [text, null]);
        assert.deepEqual(there.texts, [text, null]);
        assert.deepEqual(convertColumn(there.column, decimal(p, s)).texts, [text, null]);
      }
    }),
    { ...SEED, numRuns: 300 },
  );
});

test('decimal text at another scale, as a plain model has it', () => {
  const parts = fc.tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 30n }),
    fc.stringMatching(/^\d{0,30}$/),
  );
  fc.assert(
    fc.property(decimals, parts, ([, , p, s], [negative, whole, fraction]) => {
      let text = fraction === '' ? `${whole}` : `${whole}.${fraction}`;
      if (negative && /[1-9]/.test(text)) text = `-${text}`;
      const value = unscaled(text, fraction.length);
      for (const round of [false, true]) {
        const got = convert(NUMERIC, decimal(p, s), [text], round ? { decimal: 'round' } : {});
        const drop = Math.max(0, fraction.length - s);
        const scaled = divided(value * 10n ** BigInt(Math.max(0, s - fraction.length)), drop);
        const limit = 10n ** BigInt(p);
        const ok = scaled.value < limit && scaled.value > -limit && (round || !scaled.dropped);
        assert.equal(got.texts[0], ok ? printed(scaled.value, s) : null, `${text} as decimal(${p},${s})`);
      }
    }),
    { ...SEED, numRuns: 600 },
  );
});

test('text that is no canonical decimal is refused by name', () => {
  const bad = [
    '',
    ' 1',
    '1 ',
    '+1',
    '01',
    '-0',
    '-0.00',
    '.5',
    '5.',
    '1e3',
    '0x1',
    '1,5',
    '--1',
    'nan',
    '١',
    '1_0',
    'Infinityx',
  ];
  for (const to of [decimal(20, 4), NUMERIC, int(64), float(64)]) {
    const got = convert(TEXT, to, bad);
    assert.deepEqual(
      got.refused,
      bad.map((_, row) => `${row} E_INVALID_NUMBER`),
    );
  }
  assert.deepEqual(convert(TEXT, NUMERIC, ['NaN', '-Infinity', '0.10', '12']).refused, []);
});

test('NaN and infinities in numeric', () => {
  const texts = ['NaN', 'Infinity', '-Infinity', '1.50'];
  const refused = convert(NUMERIC, decimal(10, 2), texts);
  assert.deepEqual(refused.refused, ['0 E_NUMERIC_SPECIAL', '1 E_NUMERIC_SPECIAL', '2 E_NUMERIC_SPECIAL']);
  const allowed = convert(NUMERIC, decimal(10, 2), texts, { nan: 'null', infinity: 'null' });
  assert.deepEqual(allowed.texts, [null, null, null, '1.50']);
  assert.deepEqual(allowed.used, { nan: 1, infinity: 2 });
  assert.deepEqual(convert(NUMERIC, float(64), texts).texts, ['NaN', 'Infinity', '-Infinity', '1.5']);
});

test('decimals of up to 15 digits pass through doubles and come back', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 15 }),
      fc.nat(15),
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      (p, s0, raw) => {
        const s = Math.min(p, s0);
        const text = printed(raw % 10n ** BigInt(p), s);
        const there = convert(decimal(p, s), float(64), [text]);
        assert.equal(Number(text), Number(there.texts[0]));
        assert.deepEqual(convertColumn(there.column, decimal(p, s)).texts, [text]);
      },
    ),
    { ...SEED, numRuns: 500 },
  );
  const long = convert(decimal(38, 10), float(64), [
    '1234567890123456.0000000000',
    '123456789012345.0000000000',
  ]);
  assert.deepEqual(long.refused, ['0 E_DECIMAL_SCALE']);
});

test('floats become decimals by their shortest decimal', () => {
  const got = convert(float(64), decimal(10, 2), [
    '1.1',
    '0.1',
    '1.005',
    '0.30000000000000004',
    '99999999.99',
    '1e8',
    '-0.5',
    '1e-7',
  ]);
  assert.deepEqual(got.texts, ['1.10', '0.10', null, null, '99999999.99', null, '-0.50', null]);
  const rounded = convert(float(64), decimal(10, 2), ['1.005', '-1.005', '0.30000000000000004', 'NaN'], {
    decimal: 'round',
    nan: 'null',
  });
  assert.deepEqual(rounded.texts, ['1.01', '-1.01', '0.30', null]);
  assert.deepEqual(rounded.used, { decimal: 3, nan: 1 });
  assert.deepEqual(convert(float(32), decimal(10, 2), ['0.1', '16777216', '0.3']).texts, [
    '0.10',
    '16777216.00',
    '0.30',
  ]);
});

test('any double becomes numeric and comes back to the bit', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      const text = Object.is(value, -0) ? '0' : String(value);
      const there = convert(float(64), NUMERIC, [text]);
      assert.ok(!/e/.test(there.texts[0] ?? ''));
      assert.deepEqual(convertColumn(there.column, float(64)).texts, [text]);
    }),
    { ...SEED, numRuns: 500 },
  );
});

test('doubles become singles only if exact; singles always become doubles', () => {
  const got = convert(float(64), float(32), [
    '0.1',
    '0.5',
    'NaN',
    'Infinity',
    '1e300',
    '16777217',
    '-0',
    null,
  ]);
  assert.deepEqual(got.texts, [null, '0.5', 'NaN', 'Infinity', null, null, '-0', null]);
  assert.deepEqual(got.refused, ['0 E_DECIMAL_SCALE', '4 E_DECIMAL_SCALE', '5 E_DECIMAL_SCALE']);
  fc.assert(
    fc.property(fc.float(), (value) => {
      const column = columnOf(float(32), [Object.is(value, -0) ? '-0' : String(value)]);
      const there = convertColumn(column, float(64));
      assert.ok(Object.is(new Float64Array(there.column.data.buffer)[0], value));
      const back = convertColumn(there.column, float(32));
      assert.deepEqual([...back.column.data], [...column.data]);
    }),
    { ...SEED, numRuns: 300 },
  );
});

test('numbers as instants, only when the user says what they mean', () => {
  const to = { kind: 'timestamp', unit: 'us', zone: false } as const;
  assert.throws(() => convert(int(64), to, ['0']));
  const seconds = convert(int(64), to, ['0', '-1', '1709210096'], { sqlite_datetime: 'unix_s' });
  assert.deepEqual(seconds.texts, ['1970-01-01 00:00:00', '1969-12-31 23:59:59', '2024-02-29 12:34:56']);
  assert.deepEqual(seconds.used, { sqlite_datetime: 3 });
  assert.deepEqual(convert(int(64), to, ['1709210096789'], { sqlite_datetime: 'unix_ms' }).texts, [
    '2024-02-29 12:34:56.789',
  ]);
  assert.deepEqual(
    convert(float(64), to, ['2440587.5', '2460370.0242685'], { sqlite_datetime: 'julian' }).texts,
    ['1970-01-01 00:00:00', '2024-02-29 12:34:56.798'],
  );
});
