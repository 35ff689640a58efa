// Random expressions (seeded): printed in one engine's words, read back and printed in another's, they give the same in
// both, whatever the nesting.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { callOf } from '../../../src/sql/functions.ts';
import { integerLiteral, literal } from '../../../src/sql/literals.ts';
import { isUnknown, loadGrammar, printExpression, understandExpression } from '../../../src/sql/sql.ts';
import type { Comparison, Expression, PatternPart, ValueType } from '../../../src/types/expression.ts';
import type { Engine } from '../../../src/types/logical-type.ts';
import { CATALOG, ENGINES, type ThreeEngines, threeEngines, WORDS } from './three-engines.ts';

let engines: ThreeEngines;
before(async () => {
  engines = await threeEngines();
  await loadGrammar();
});
after(() => engines.close());

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const TEXT: ValueType = { family: 'text', collation: 'bytes' };

type Kind = 'number' | 'text' | 'truth';

class Generator {
  readonly #random: () => number;
  readonly #engine: Engine;

  constructor(seed: number, engine: Engine) {
    this.#random = randomOf(seed);
    this.#engine = engine;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)];
  }

  #column(...names: readonly string[]): Expression {
    const name = this.#pick(names);
    const column = CATALOG[this.#engine].find((one) => one.name === name)!;
    return { node: 'column', relation: null, name, type: WORDS[this.#engine].columnType(column) };
  }

  expression(kind: Kind, depth: number): Expression {
    if (kind === 'number') return this.#number(depth);
    return kind === 'text' ? this.#text(depth) : this.#truth(depth);
  }

  #number(depth: number): Expression {
    const leaf = depth <= 0 || this.#random() < 0.2;
    if (leaf) {
      return this.#random() < 0.6
        ? this.#column('id', 'Odd "name"')
        : integerLiteral(this.#pick(['0', '1', '-1', '7', '-12']))!;
    }
    const words = WORDS[this.#engine];
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return { node: 'negate', of: this.#column('id', 'Odd "name"') };
      case 1:
        return callOf('abs', [this.#number(depth - 1)], words);
      case 2:
        return callOf('length', [this.#text(depth - 1)], words);
      case 3:
        return callOf('coalesce', [this.#number(depth - 1), this.#number(depth - 1)], words);
      case 4: {
        const type = { family: 'integer', bits: 64 } as const;
        return {
          node: 'case',
          branches: [{ when: this.#truth(depth - 1), gives: this.#number(depth - 1) }],
          otherwise: this.#number(depth - 1),
          type,
        };
      }
      default: {
        const operator = this.#pick(['+', '-', '*', '/', '%'] as const);
        const divides = operator === '/' || operator === '%';
        return {
          node: 'arithmetic',
          operator,
          left: this.#number(depth - 1),
          right: divides ? integerLiteral(this.#pick(['2', '-3', '7']))! : this.#number(depth - 2),
          type: { family: 'integer', bits: 64 },
        };
      }
    }
  }

  #text(depth: number): Expression {
    const words = WORDS[this.#engine];
    if (depth <= 0 || this.#random() < 0.25) {
      if (this.#random() < 0.7) return this.#column('s', 'v');
      const value = this.#pick(['', 'abc', "it's", '50%', 'a_b', 'é👍', '\\', '  ']);
      return literal(TEXT, value);
    }
    const inner = () => this.#text(depth - 1);
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        return { node: 'concat', parts: [this.#column('s', 'v'), inner(), inner()] };
      case 1:
        return callOf('trim', [inner()], words);
      case 2:
        return callOf('lower ascii', [inner()], words);
      case 3:
        return callOf('replace', [inner(), literal(TEXT, this.#pick(['a', "'", '%'])), inner()], words);
      case 4: {
        const [from, count] = [this.#pick(['1', '2', '9']), this.#pick(['0', '2', '40'])];
        return callOf('substr', [inner(), integerLiteral(from)!, integerLiteral(count)!], words);
      }
      default:
        return callOf('coalesce', [this.#column('s', 'v'), inner()], words);
    }
  }

  #truth(depth: number): Expression {
    if (depth <= 0) return this.#column('flag');
    const [number, text, truth] = [
      () => this.#number(depth - 1),
      () => this.#text(depth - 1),
      () => this.#truth(depth - 1),
    ];
    const negated = this.#random() < 0.5;
    switch (Math.floor(this.#random() * 9)) {
      case 0:
        return { node: this.#pick(['and', 'or']), parts: [truth(), truth(), truth()] };
      case 1:
        return { node: 'not', of: truth() };
      case 2:
        return { node: 'is null', of: this.#pick([number, text, truth])(), negated };
      case 3:
        return { node: 'is truth', of: truth(), truth: this.#random() < 0.5, negated };
      case 4:
        return {
          node: 'in',
          of: number(),
          list: [number(), integerLiteral('1')!, integerLiteral('5')!],
          negated,
        };
      case 5: {
        const pattern: PatternPart[] = [
          { text: this.#pick(['a', "it'", '%', '_', '\\', '[', '*', '?', 'é']) },
        ];
        if (this.#random() < 0.7) pattern.push(this.#pick(['any', 'one']));
        if (this.#random() < 0.4) pattern.unshift('any');
        return { node: 'like', of: text(), pattern, negated };
      }
      case 6:
        return { node: 'compare', operator: this.#operator(), left: text(), right: text() };
      case 7:
        return {
          node: 'compare',
          operator: this.#pick(['=', '<>']),
          left: truth(),
          right: this.#column('flag'),
        };
      default:
        return { node: 'compare', operator: this.#operator(), left: number(), right: number() };
    }
  }

  #operator(): Comparison {
    return this.#pick(['=', '<>', '<', '<=', '>', '>=', 'is distinct from', 'is not distinct from']);
  }
}

const RUNS = 250;

for (const from of ENGINES) {
  test(`random expressions of ${from} give the same elsewhere`, async () => {
    let compared = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const generator = new Generator(seed, from);
      const kind = (['number', 'text', 'truth'] as const)[seed % 3];
      const expression = generator.expression(kind, 1 + (seed % 4));
      const original = printExpression(expression, WORDS[from], CATALOG[from]);
      if (isUnknown(original)) continue;
      const meant = understandExpression(original.sql, WORDS[from], CATALOG[from]);
      // Literals alone, such as 'a' || 'b' = 1, need not be understood; nothing may be misread.
      if (!meant.meaning) continue;
      const rows = await read(from, original.sql);
      for (const to of ENGINES) {
        const there = printExpression(meant.meaning, WORDS[to], CATALOG[to]);
        if (isUnknown(there)) continue;
        const found = await read(to, there.sql);
        // A number beyond its type is an error in one engine and may not be in another.
        if (rows === null || found === null) continue;
        compared++;
        assert.deepEqual(found, rows, `seed ${seed}, ${from} to ${to}: ${original.sql} -> ${there.sql}`);
      }
    }
    assert.ok(compared > RUNS, `${compared} comparisons`);
  });
}

async function read(engine: Engine, sql: string): Promise<unknown> {
  try {
    return await engines.rows(engine, `SELECT id, (${sql}) AS q FROM t ORDER BY t.id`);
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /out of range|overflow/i, `${engine}: ${message}: ${sql}`);
    return null;
  }
}
