// What a plan says of a column, and on what it rests. Pure; no database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnCrossing } from '../../../src/coerce/kernel.ts';
import { describeCrossing } from '../../../src/coerce/rules.ts';
import { CODES, codeFacts, type ErrorCode } from '../../../src/errors/codes.ts';
import { type Judged, judge } from '../../../src/transfer/verdict.ts';
import type { ColumnEvidence } from '../../../src/types/evidence.ts';
import type { LogicalType } from '../../../src/types/logical-type.ts';
import type { Check } from '../../../src/types/mapping.ts';
import {
  POLICIES,
  type Policies,
  type PolicyKey,
  parsePolicies,
  policiesOf,
} from '../../../src/types/policy.ts';

const FLOAT: LogicalType = { kind: 'float', bits: 64 };
const DECIMAL: LogicalType = { kind: 'decimal', precision: 10, scale: 2 };

interface Asked {
  readonly policies?: Policies;
  readonly checks?: readonly Check[];
  readonly evidence?: Partial<ColumnEvidence>;
  readonly verdict?: 'exact' | 'widened';
  readonly structural?: readonly PolicyKey[];
  readonly home?: string;
}

function judged(from: LogicalType, to: LogicalType, asked: Asked = {}): Judged {
  const checks = asked.checks ?? [];
  const crossing: ColumnCrossing = {
    name: 'c',
    read: from,
    readChecks: [],
    logical: from,
    write: to,
    writeChecks: checks,
    policies: asked.policies ?? {},
  };
  const way = describeCrossing(crossing);
  assert.ok(way.possible);
  return judge({
    crossing,
    way,
    read: { wire: from, logical: from, checks: [], select: 'native' },
    made: { nativeType: 't', wire: to, checks, verdict: asked.verdict ?? 'exact' },
    evidence: asked.evidence ? { rowCount: 5, nullCount: 0, ...asked.evidence } : null,
    sameEngine: false,
    structural: asked.structural ?? [],
    home: asked.home ?? null,
  });
}

test('a column whose values are checked is exact, and says what a value may be refused with', () => {
  const found = judged(FLOAT, FLOAT, { checks: [{ kind: 'noNan' }] });
  assert.deepEqual(found, {
    verdict: 'exact',
    because: 'each value is checked (E_NAN_UNSUPPORTED)',
    refusedWith: ['E_NAN_UNSUPPORTED'],
    policies: ['nan=null', 'nan=text'],
  });
  assert.deepEqual(judged(FLOAT, FLOAT), { verdict: 'exact', because: null, refusedWith: [], policies: [] });
  assert.equal(judged(FLOAT, FLOAT, { verdict: 'widened' }).verdict, 'widened');
});

test('what the scan has shown needs no doubt', () => {
  const numeric = {
    maxIntegerDigits: 8,
    maxScale: 2,
    maxSignificantDigits: 10,
    nanCount: 0,
    infinityCount: 0,
  };
  const fits = judged({ kind: 'numeric' }, DECIMAL, { evidence: { numeric } });
  assert.deepEqual(fits, {
    verdict: 'exact',
    because: 'the scan shows that every value fits',
    refusedWith: [],
    policies: [],
  });
  const wide = judged({ kind: 'numeric' }, DECIMAL, { evidence: { numeric: { ...numeric, maxScale: 3 } } });
  assert.deepEqual([wide.refusedWith, wide.policies], [['E_DECIMAL_SCALE'], ['decimal=round']]);
  const nothing = judged({ kind: 'numeric' }, DECIMAL, { evidence: { nullCount: 5 } });
  assert.deepEqual(nothing.refusedWith, []);
  const small: LogicalType = { kind: 'int', bits: 16, signed: true };
  const ints = (min: string, max: string) =>
    judged({ kind: 'int', bits: 64, signed: true }, small, { evidence: { integers: { min, max } } })
      .refusedWith;
  assert.deepEqual(ints('-32768', '32767'), []);
  assert.deepEqual(ints('-32769', '0'), ['E_INT_RANGE']);
});

test('a policy that can change values of the column makes it lossy; one that keeps them does not', () => {
  const lossy = judged(FLOAT, FLOAT, { checks: [{ kind: 'noNan' }], policies: { nan: 'null' } });
  assert.deepEqual(lossy, {
    verdict: 'lossy',
    because: 'because --allow nan=null',
    refusedWith: [],
    policies: [],
  });
  const elsewhere = judged(FLOAT, FLOAT, { policies: { nan: 'null', decimal: 'round' } });
  assert.equal(elsewhere.verdict, 'exact');
  const text: LogicalType = { kind: 'text' };
  const kept = judged(text, text, { policies: { enum: 'text' }, structural: ['enum'], verdict: 'widened' });
  assert.deepEqual([kept.verdict, kept.because], ['widened', 'as --allow enum=text has it']);
  const mixed = judged(text, text, { policies: { mixed: 'text' }, structural: ['mixed'] });
  assert.equal(mixed.verdict, 'lossy');
  const proven = judged({ kind: 'numeric' }, DECIMAL, {
    policies: { decimal: 'round' },
    evidence: {
      numeric: { maxIntegerDigits: 1, maxScale: 0, maxSignificantDigits: 1, nanCount: 0, infinityCount: 0 },
    },
  });
  assert.equal(proven.verdict, 'exact', 'what the scan rules out can not be lost');
});

test('a column that comes home is exact', () => {
  const home = judged(FLOAT, FLOAT, { home: 'it was real in PostgreSQL before', verdict: 'widened' });
  assert.deepEqual([home.verdict, home.because], ['exact', 'it was real in PostgreSQL before']);
});

test('codes name only policies that there are, and every key serves a code or a type', () => {
  const known = new Set((Object.keys(POLICIES) as PolicyKey[]).flatMap(policiesOf));
  const named = (Object.keys(CODES) as ErrorCode[]).flatMap((code) => codeFacts(code).policies ?? []);
  for (const policy of named) assert.ok(known.has(policy), policy);
  for (const policy of known)
    assert.deepEqual(Object.values(parsePolicies([policy])), [policy.split('=')[1]]);
  assert.equal(codeFacts('E_NAN_UNSUPPORTED').hint, '--allow nan=null or nan=text');
});
