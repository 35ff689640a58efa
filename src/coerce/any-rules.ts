// The rows of the conversion table that concern `any`, SQLite's mixed columns. Kept apart because each
// storage class goes through a conversion of its own.
import { ANY_CHILD_TYPES, ANY_CLASSES, withType } from '../batch/column.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { isNested, type LogicalKind, type LogicalType } from '../types/logical-type.ts';
import type { Policies, PolicyKey } from '../types/policy.ts';
import { anyToOne, type ClassKernels, countedAsText, floatToAny, oneToAny, realsToText } from './any.ts';
import { anyToComposite, compositeToAny, isComposite } from './composite.ts';
import { scaledToText } from './decimal.ts';
import type { IntType } from './integer.ts';
import type { Kernel } from './kernel.ts';
import { type Conversion, fits, looked, type Rule } from './rule.ts';

type Find = (from: LogicalType, to: LogicalType, policies: Policies) => Conversion | null;
type ClassName = (typeof ANY_CLASSES)[number];

const [INTEGER, REAL, TEXT] = ANY_CHILD_TYPES;

/** Which storage classes may stand in a column of each kind, and what they may be refused with. */
const FROM_ANY: readonly {
  readonly to: LogicalKind;
  readonly classes: readonly ClassName[];
  readonly codes: readonly ErrorCode[];
  readonly policies: readonly PolicyKey[];
  readonly note: string;
}[] = [
  {
    to: 'bool',
    classes: ['integer'],
    codes: ['E_BOOLEAN_DOMAIN'],
    policies: [],
    note: 'only the integers 0 and 1',
  },
  { to: 'int', classes: ['integer'], codes: ['E_INT_RANGE'], policies: [], note: 'only integers' },
  {
    to: 'float',
    classes: ['integer', 'real'],
    codes: ['E_INT_RANGE', 'E_DECIMAL_SCALE'],
    policies: [],
    note: 'reals, and integers that the float holds exactly',
  },
  {
    to: 'decimal',
    classes: ['integer', 'real', 'text'],
    codes: ['E_DECIMAL_SCALE', 'E_NUMERIC_SPECIAL', 'E_INVALID_NUMBER'],
    policies: ['nan', 'infinity', 'decimal'],
    note: 'integers, reals whose shortest decimal fits, and decimal text',
  },
  {
    to: 'numeric',
    classes: ['integer', 'real', 'text'],
    codes: ['E_INVALID_NUMBER'],
    policies: [],
    note: 'integers, reals as their shortest decimal, and decimal text',
  },
  {
    to: 'timestamp',
    classes: ['integer', 'real', 'text'],
    codes: ['E_INVALID_DATE', 'E_TIMESTAMP_PRECISION', 'E_TIMESTAMP_RANGE'],
    policies: ['sqlite_datetime', 'bad_dates', 'ns'],
    note: 'text; numbers only with sqlite_datetime',
  },
  {
    to: 'date',
    classes: ['text'],
    codes: ['E_INVALID_DATE', 'E_DATE_RANGE'],
    policies: ['bad_dates'],
    note: 'only text',
  },
  {
    to: 'time',
    classes: ['text'],
    codes: ['E_INVALID_DATE', 'E_TIME_PRECISION'],
    policies: ['bad_dates', 'ns'],
    note: 'only text',
  },
  { to: 'uuid', classes: ['text'], codes: ['E_INVALID_UUID'], policies: [], note: 'only text' },
  {
    to: 'json',
    classes: ['text'],
    codes: ['E_INVALID_UTF8', 'E_INVALID_JSON'],
    policies: [],
    note: 'only text',
  },
  { to: 'binary', classes: ['blob'], codes: [], policies: [], note: 'only blobs' },
  {
    to: 'timetz',
    classes: ['text'],
    codes: ['E_INVALID_DATE'],
    policies: ['bad_dates'],
    note: 'only text',
  },
  {
    to: 'interval',
    classes: ['text'],
    codes: ['E_INVALID_DATE'],
    policies: ['bad_dates'],
    note: 'only text',
  },
  { to: 'bit', classes: ['text'], codes: ['E_INVALID_BIT'], policies: [], note: 'only text' },
  { to: 'enum', classes: ['text'], codes: ['E_ENUM_LABEL'], policies: [], note: 'only text' },
  ...(['list', 'map', 'struct', 'union'] as const).map((to) => ({
    to,
    classes: ['text'] as const,
    codes: ['E_INVALID_JSON'] as const,
    policies: to === 'struct' ? (['mixed'] as const) : [],
    note:
      to === 'struct'
        ? 'with mixed=composite, to the fields i, r, t, b; else only JSON text'
        : 'only JSON text',
  })),
];

/** What a class of `any` must first become to stand in an `any` column; null: it already is that. */
const TO_ANY: readonly {
  readonly from: LogicalKind;
  readonly as: ClassName;
  readonly note: string;
  readonly codes?: readonly ErrorCode[];
}[] = [
  { from: 'bool', as: 'integer', note: 'the integers 0 and 1' },
  { from: 'int', as: 'integer', note: 'integers of 64 bits; others are refused', codes: ['E_INT_RANGE'] },
  { from: 'decimal', as: 'text', note: 'decimal text' },
  { from: 'numeric', as: 'text', note: 'decimal text' },
  { from: 'text', as: 'text', note: 'text' },
  { from: 'json', as: 'text', note: 'text' },
  { from: 'uuid', as: 'text', note: 'text' },
  { from: 'date', as: 'text', note: 'text' },
  { from: 'time', as: 'text', note: 'text', codes: ['E_TIME_RANGE'] },
  { from: 'timestamp', as: 'text', note: 'text', codes: ['E_TIMESTAMP_RANGE'] },
  { from: 'binary', as: 'blob', note: 'blobs' },
  { from: 'timetz', as: 'text', note: 'text', codes: ['E_TIME_RANGE'] },
  { from: 'interval', as: 'text', note: 'text' },
  { from: 'bit', as: 'text', note: 'text', codes: ['E_INVALID_BIT'] },
  { from: 'enum', as: 'text', note: 'the label' },
  { from: 'list', as: 'text', note: 'JSON text', codes: ['E_INVALID_JSON'] },
  { from: 'map', as: 'text', note: 'JSON text', codes: ['E_INVALID_JSON'] },
  {
    from: 'struct',
    as: 'text',
    note: 'the one field that is set, of a struct of i, r, t, b; others as JSON text',
    codes: ['E_MIXED_STORAGE', 'E_INVALID_JSON'],
  },
  { from: 'union', as: 'text', note: 'JSON text', codes: ['E_INVALID_JSON'] },
];

/** The rules for `any`; `find` is the table itself. */
export function anyRules(find: Find): Rule[] {
  return [
    anyToText(),
    ...FROM_ANY.map((row) => fromAny(row, find)),
    floatRule(find),
    ...TO_ANY.map((row) => toAny(row, find)),
  ];
}

function retyped(conversion: Conversion, to: LogicalType): Kernel {
  return conversion.make() ?? ((column) => withType(column, to));
}

function fromAny(row: (typeof FROM_ANY)[number], find: Find): Rule {
  return {
    from: 'any',
    to: row.to,
    note: row.note,
    codes: ['E_MIXED_STORAGE', ...row.codes],
    policies: row.policies,
    find: (_, to, policies) => {
      if (policies.mixed === 'composite' && isComposite(to)) return fits(() => anyToComposite(to));
      const codes = new Set<ErrorCode>(['E_MIXED_STORAGE']);
      const kernels: ClassKernels = ANY_CLASSES.map((name, classId) => {
        if (!row.classes.includes(name)) return null;
        const conversion = find(ANY_CHILD_TYPES[classId], to, policies);
        for (const code of conversion?.codes ?? []) codes.add(code);
        return conversion && retyped(conversion, to);
      });
      // Where no class at all can become the type (a zoned timestamp from numbers, say), there is no way.
      if (kernels.every((kernel) => kernel === null)) return null;
      return { fits: false, codes: isNested(to) ? [...codes] : undefined, make: () => anyToOne(to, kernels) };
    },
  };
}

function anyToText(): Rule {
  return {
    from: 'any',
    to: 'text',
    note: 'only text; with mixed=text integers and reals as decimal text too; blobs never',
    codes: ['E_MIXED_STORAGE'],
    policies: ['mixed'],
    find: (_, to, policies) => {
      const mixed = policies.mixed === 'text';
      const kernels: ClassKernels = [
        mixed ? countedAsText(scaledToText(INTEGER as IntType, to)) : null,
        mixed ? countedAsText(realsToText(to)) : null,
        (column) => withType(column, to),
        null,
      ];
      return { fits: false, make: () => anyToOne(to, kernels) };
    },
  };
}

function floatRule(find: Find): Rule {
  return {
    from: 'float',
    to: 'any',
    note: 'reals; with nan=text NaN becomes the text `NaN`',
    codes: [],
    policies: ['nan'],
    find: (from, _, policies) => {
      const widen = find(from, REAL, policies);
      if (widen === null) return null;
      const inner = retyped(widen, REAL);
      const outer = floatToAny(policies);
      return { fits: true, make: () => (column, sink) => outer(inner(column, sink), sink) };
    },
  };
}

function toAny(row: (typeof TO_ANY)[number], find: Find): Rule {
  const classType = row.as === 'blob' ? { kind: 'binary' as const } : row.as === 'text' ? TEXT : INTEGER;
  return {
    from: row.from,
    to: 'any',
    note: row.note,
    codes: row.codes ?? [],
    policies: [],
    find: (from, _, policies) => {
      if (isComposite(from)) return { ...looked(compositeToAny), codes: ['E_MIXED_STORAGE'] };
      const conversion = find(from, classType, policies);
      if (conversion === null) return null;
      const inner = retyped(conversion, classType);
      const outer = oneToAny(row.as);
      return {
        fits: conversion.codes.length === 0,
        codes: isNested(from) ? conversion.codes : undefined,
        make: () => (column, sink) => outer(inner(column, sink), sink),
      };
    },
  };
}
