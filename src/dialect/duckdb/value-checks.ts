// What every value must pass before DuckDB gets it in a vector, and before another engine gets what DuckDB gave.
// Pure.
import type { ErrorCode } from '../../errors/codes.ts';
import { childTypes, type LogicalType } from '../../types/logical-type.ts';
import type { Check } from '../../types/mapping.ts';

function range(min: string, max: string, code: ErrorCode): Check {
  return { kind: 'range', min, max, code };
}

export const DATE_RANGE = ['-2147483646', '2147483646'] as const;

export const TIMESTAMP_RANGES = {
  // Beyond these DuckDB stores the number but can't read it as a TIMESTAMP: 290309-12-22 BC to 294247-01-10.
  s: ['-9223372022400', '9223372036854'],
  ms: ['-9223372022400000', '9223372036854775'],
  us: ['-9223372022400000000', '9223372036854775806'],
  // 1677-09-22 to 2262-04-11.
  ns: ['-9223286400000000000', '9223372036854775806'],
} as const;

/** What DuckDB would take in a vector without a word and not give back as it was. */
export function checksFor(type: LogicalType): Check[] {
  switch (type.kind) {
    // Invalid UTF-8 becomes NULL in silence. Lengths need no check: a chunk's offsets end before DuckDB's limit.
    case 'text':
    case 'numeric':
    case 'any':
      return [{ kind: 'utf8' }];
    case 'json':
      return [{ kind: 'utf8' }, { kind: 'json' }];
    case 'date':
      return [range(...DATE_RANGE, 'E_DATE_RANGE')];
    case 'time':
      return [range('0', type.unit === 'us' ? '86400000000' : '86400000000000', 'E_TIME_RANGE')];
    case 'timestamp': {
      const [min, max] = TIMESTAMP_RANGES[type.unit];
      return [range(min, max, 'E_TIMESTAMP_RANGE')];
    }
    // DuckDB has no infinite intervals: it would take the numbers for 178956970 years and so on.
    case 'interval':
      return [{ kind: 'finite' }];
    // An empty string of bits is none to DuckDB, and spoils what is computed with it.
    case 'bit':
      return [{ kind: 'noEmptyBit' }];
    default:
      return inside(type, checksFor);
  }
}

/** What DuckDB may hold that would mean something else elsewhere: its appender lets anything into a column. */
export function readChecks(type: LogicalType): Check[] {
  switch (type.kind) {
    case 'json':
      return [{ kind: 'json' }];
    // The longest interval is what PostgreSQL calls infinite.
    case 'interval':
      return [{ kind: 'finite' }];
    default:
      return inside(type, readChecks);
  }
}

function inside(type: LogicalType, checks: (type: LogicalType) => Check[]): Check[] {
  return childTypes(type).flatMap((child, at) =>
    checks(child).map((check): Check => ({ kind: 'child', child: at, check })),
  );
}
