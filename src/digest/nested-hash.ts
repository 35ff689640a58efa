// Hashes of lists, maps, structs, unions and `any`, made of those of their children. Pure; runs in crossing workers.
import type { Column } from '../batch/column.ts';
import { endA, endB, type Lanes, stepA, stepB } from './mix.ts';
import { seedOf } from './seeds.ts';

export function hashNested(column: Column, children: readonly Lanes[], out: Lanes): void {
  switch (column.type.kind) {
    case 'list':
      hashLists(column, children[0], out);
      break;
    case 'map':
      hashMaps(column, children, out);
      break;
    case 'struct':
      hashStructs(column.length, children, out);
      break;
    case 'union':
      hashUnions(column, children, out);
      break;
    default:
      hashAny(column, children, out);
  }
}

function hashLists({ offsets, length }: Column, elements: Lanes, { a, b }: Lanes): void {
  const seed = seedOf('list');
  for (let i = 0; i < length; i++) {
    const from = offsets?.[i] ?? 0;
    const to = offsets?.[i + 1] ?? 0;
    let x = stepA(seed, to - from);
    let y = stepB(seed, to - from);
    for (let at = from; at < to; at++) {
      x = stepA(x, elements.a[at]);
      y = stepB(y, elements.b[at]);
    }
    a[i] = endA(x);
    b[i] = endB(y);
  }
}

/** A sum over the entries: PostgreSQL's hstore puts them in an order of its own. */
function hashMaps({ offsets, length }: Column, [keys, values]: readonly Lanes[], { a, b }: Lanes): void {
  const seed = seedOf('map');
  for (let i = 0; i < length; i++) {
    const from = offsets?.[i] ?? 0;
    const to = offsets?.[i + 1] ?? 0;
    let x = 0;
    let y = 0;
    for (let at = from; at < to; at++) {
      x = (x + endA(stepA(keys.a[at], values.a[at]))) | 0;
      y = (y + endB(stepB(keys.b[at], values.b[at]))) | 0;
    }
    a[i] = endA(stepA(stepA(seed, to - from), x));
    b[i] = endB(stepB(stepB(seed, to - from), y));
  }
}

function hashStructs(length: number, fields: readonly Lanes[], { a, b }: Lanes): void {
  const seed = seedOf('struct', fields.length);
  for (let i = 0; i < length; i++) {
    let x = seed;
    let y = seed;
    for (const field of fields) {
      x = stepA(x, field.a[i]);
      y = stepB(y, field.b[i]);
    }
    a[i] = endA(x);
    b[i] = endB(y);
  }
}

function hashUnions({ typeIds, length }: Column, members: readonly Lanes[], { a, b }: Lanes): void {
  const seed = seedOf('union');
  for (let i = 0; i < length; i++) {
    const member = typeIds?.[i] ?? 0;
    a[i] = endA(stepA(stepA(seed, member), members[member].a[i]));
    b[i] = endB(stepB(stepB(seed, member), members[member].b[i]));
  }
}

/** A value of `any` hashes as one of its class would in a column of that class. */
function hashAny({ typeIds, offsets, length }: Column, classes: readonly Lanes[], { a, b }: Lanes): void {
  for (let i = 0; i < length; i++) {
    const of = classes[typeIds?.[i] ?? 0];
    const at = offsets?.[i] ?? 0;
    a[i] = of.a[at] ?? 0;
    b[i] = of.b[at] ?? 0;
  }
}
