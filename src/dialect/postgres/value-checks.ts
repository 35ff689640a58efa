// What values must pass that go into PostgreSQL. Pure.
import type { Check } from '../../types/mapping.ts';

export const NAME_BYTES_MAX = 63;

export const NO_NUL: Check = { kind: 'noNul' };

type RangeCheck = Extract<Check, { kind: 'range' }>;

export const DATE_RANGE: RangeCheck = {
  kind: 'range',
  min: '-2440588',
  max: '2145042905',
  code: 'E_DATE_RANGE',
};

export const TIME_RANGE: RangeCheck = { kind: 'range', min: '0', max: '86400000000', code: 'E_TIME_RANGE' };

/** 4714-11-24 BC, in microseconds; and one less than infinity, which the server still holds. */
export const TIMESTAMP_RANGE: RangeCheck = {
  kind: 'range',
  min: '-210866803200000000',
  max: '9223372036854775806',
  code: 'E_TIMESTAMP_RANGE',
};

/** In coarser units the last years lie within 64 bits too. */
export const TIMESTAMP_RANGE_MS: RangeCheck = {
  kind: 'range',
  min: '-210866803200000',
  max: '9224318015999999',
  code: 'E_TIMESTAMP_RANGE',
};

export const TIMESTAMP_RANGE_S: RangeCheck = {
  kind: 'range',
  min: '-210866803200',
  max: '9224318015999',
  code: 'E_TIMESTAMP_RANGE',
};
