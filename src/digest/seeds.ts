// What keeps values of different kinds apart: a first word for each. Pure.

/** In the order of the seeds; a new kind comes last, so that digests that somebody kept stay true. */
const FAMILIES = [
  'bool',
  'int',
  'float',
  'decimal',
  'text',
  'binary',
  'date',
  'time',
  'timestamp',
  'uuid',
  'timetz',
  'interval',
  'bit',
  'list',
  'map',
  'struct',
  'union',
] as const;
type Family = (typeof FAMILIES)[number];

export function seedOf(family: Family, detail = 0): number {
  return Math.imul(FAMILIES.indexOf(family) + 1, 0x2c1b3c6d) ^ Math.imul(detail, 0x297a2d39);
}
