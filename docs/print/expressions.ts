// Prints docs/expressions.md: which SQL crosses from engine to engine, in the words of each, from the vocabularies and by the
// printer itself.
import { duckdbWords } from '../../src/dialect/duckdb/sql-words.ts';
import { postgresWords } from '../../src/dialect/postgres/sql-words.ts';
import { sqliteWords } from '../../src/dialect/sqlite/sql-words.ts';
import { AGGREGATES } from '../../src/sql/aggregates.ts';
import { FUNCTIONS } from '../../src/sql/functions.ts';
import { literal } from '../../src/sql/literals.ts';
import { isUnknown, printExpression, type SqlWords } from '../../src/sql/sql.ts';
import type { Expression, ValueType } from '../../src/types/expression.ts';
import type { ColumnSchema } from '../../src/types/schema.ts';
import { cell, printPage } from './printed-page.ts';

const ENGINES: readonly SqlWords[] = [postgresWords, duckdbWords, sqliteWords];

/** Columns of the examples: their type in PostgreSQL, DuckDB and SQLite. */
const TYPES: Readonly<Record<string, readonly [string, string, string]>> = {
  i: ['integer', 'INTEGER', 'INTEGER'],
  j: ['integer', 'INTEGER', 'INTEGER'],
  n: ['numeric(10,2)', 'DECIMAL(10,2)', 'DECIMAL(10,2)'],
  f: ['double precision', 'DOUBLE', 'DOUBLE'],
  s: ['text', 'VARCHAR', 'TEXT'],
  t: ['text', 'VARCHAR', 'TEXT'],
  b: ['boolean', 'BOOLEAN', 'BOOLEAN'],
  d: ['date', 'DATE', 'DATE'],
  x: ['bytea', 'BLOB', 'BLOB'],
};

function columnsOf(engine: number): ColumnSchema[] {
  return Object.entries(TYPES).map(([name, types]) => ({
    name,
    nativeType: types[engine],
    nullable: true,
    default: null,
    identity: null,
    generated: null,
    collation: null,
    comment: null,
  }));
}

const INTEGER: ValueType = { family: 'integer', bits: 32 };
const FLOAT: ValueType = { family: 'float', bits: 64 };
const TEXT: ValueType = { family: 'text', collation: 'bytes' };

function column(name: string): Expression {
  const schema = columnsOf(0).find((one) => one.name === name)!;
  return { node: 'column', relation: null, name, type: postgresWords.columnType(schema) };
}

const number = (value: string): Expression => literal(INTEGER, value);
const text = (value: string): Expression => literal(TEXT, value);
const [i, j, n, f, s, t, b, d, x] = ['i', 'j', 'n', 'f', 's', 't', 'b', 'd', 'x'].map(column);

const compare = (
  operator: Extract<Expression, { node: 'compare' }>['operator'],
  left: Expression,
  right: Expression,
): Expression => ({ node: 'compare', operator, left, right });

const compute = (
  operator: '+' | '-' | '*' | '/' | '%',
  left: Expression,
  right: Expression,
  type: ValueType,
): Expression => ({ node: 'arithmetic', operator, left, right, type });

const EXAMPLES: readonly (readonly [what: string, example: Expression])[] = [
  ['numbers compare', compare('>=', i, number('5'))],
  ['text, for being equal', compare('=', s, text("it's"))],
  ['text, by its bytes', compare('<', s, t)],
  ['true and false', compare('=', b, literal({ family: 'bool' }, 'true'))],
  ['dates', compare('>', d, literal({ family: 'date' }, '2024-02-29'))],
  ['bytes', compare('=', x, literal({ family: 'blob' }, '00ff'))],
  ['NULL as a value', compare('is distinct from', i, j)],
  ['NULL as a value', compare('is not distinct from', i, j)],
  [
    'AND, OR, NOT',
    {
      node: 'or',
      parts: [
        { node: 'not', of: b },
        { node: 'is null', of: s, negated: true },
      ],
    },
  ],
  ['IS TRUE', { node: 'is truth', of: b, truth: true, negated: true }],
  ['lists', { node: 'in', of: s, list: [text('a'), text('b')], negated: false }],
  [
    'LIKE, letters as they are',
    { node: 'like', of: s, pattern: [{ text: 'a%' }, 'one', 'any'], negated: false },
  ],
  [
    'LIKE, A and a the same',
    {
      node: 'like',
      of: { node: 'call', function: 'lower ascii', arguments: [s], type: TEXT },
      pattern: [{ text: 'a' }, 'any'],
      negated: false,
    },
  ],
  ['+ - * of integers and floats', compute('+', i, number('1'), INTEGER)],
  ['+ - * of decimals', compute('*', n, i, { family: 'decimal', scale: 2 })],
  ['division towards zero, by a literal', compute('/', i, number('2'), INTEGER)],
  ['division of floats, by a literal', compute('/', f, literal(FLOAT, '2'), FLOAT)],
  ['rest, with the sign of the dividend', compute('%', i, number('2'), INTEGER)],
  ['text put together; NULL if a part is', { node: 'concat', parts: [s, text('-'), t] }],
  ['an integer as text', { node: 'cast', of: i, type: TEXT }],
  ['an integer as a float', { node: 'cast', of: i, type: FLOAT }],
  [
    'CASE',
    {
      node: 'case',
      branches: [{ when: compare('>', i, number('1')), gives: text('many') }],
      otherwise: text('few'),
      type: TEXT,
    },
  ],
];

const code = (sql: string): string => `\`${sql.replaceAll('`', "'")}\``;

function examples(expression: Expression): string {
  return ENGINES.map((words, at) => {
    const printed = printExpression(expression, words, columnsOf(at));
    return isUnknown(printed) ? '–' : cell(code(printed.sql));
  }).join(' | ');
}

function forms(table: 'functions' | 'aggregates', name: string): string {
  return ENGINES.map((words) => {
    const known = words[table][name] ?? [];
    return known.length === 0 ? '–' : cell(known.map(code).join(', '));
  }).join(' | ');
}

const header = `${ENGINES.map(({ title }) => title).join(' | ')} |`;
const rule = '| --- | --- | --- |';

const parts = [
  '# Expressions\n',
  'Printed from `src/sql` and the vocabularies of the dialects (`src/dialect/*/sql-words.ts`); do not edit.\n',
  'A check, a default, a generated column, an index on an expression or with a condition, and a view cross from one engine to',
  'another if everything in them is on this page, for the types that they are used with. Everything else is not carried:',
  'it is listed in the report, with the first thing in it that is not known to mean the same. Between equal engines SQL is',
  'kept as it is. SQL is read by PostgreSQL’s own grammar; SQLite’s is cut into SQLite’s own tokens first, and where its',
  'operators would nest otherwise, it is not carried.\n',
  'What is carried means the same for every value that both engines can hold, with these limits:\n',
  '- A number too large for its type is an error in one engine, and may be a wider number in another.',
  '- SQLite’s text functions see text up to a NUL, which only SQLite and DuckDB can hold.',
  '- In SQLite, dates compare as text: so do those of the years 1 to 9999.',
  '- Integers of 64 bits do not compare with floats; floats of 32 bits are not computed with, and compare only with numbers',
  '  that they hold exactly.',
  '- PostgreSQL’s text compares with < only where it sorts by bytes (`COLLATE "C"`, or a database of that collation). It is',
  '  printed so: `COLLATE "C"`.',
  '- SQLite’s timestamps compare only where Ferrow wrote them, since their text may have any form.',
  '- What SQLite compares by NOCASE, others compare after making the letters A-Z small.\n',
  '## Operators\n',
  'Columns: `i`, `j` integer, `n` decimal, `f` double, `s`, `t` text, `b` boolean, `d` date, `x` bytes.\n',
  `| | ${header}`,
  `| --- ${rule}`,
  ...EXAMPLES.map(([what, example]) => `| ${cell(what)} | ${examples(example)} |`),
  '',
  '## Functions\n',
  'The first form is the one that is written; the others are understood as well. `–`: the engine has none of the same meaning.\n',
  `| | means | ${header}`,
  `| --- | --- ${rule}`,
  ...Object.entries(FUNCTIONS).map(
    ([name, { means }]) => `| ${name} | ${cell(means)} | ${forms('functions', name)} |`,
  ),
  '',
  '`lower` and `upper` of PostgreSQL and DuckDB follow rules for all alphabets, each its own: they are not carried. `ILIKE`,',
  '`round`, dates and times of the moment, regular expressions and functions of JSON and of dates are not carried either.\n',
  '## Views\n',
  'SELECT with DISTINCT, inner, left, right, full and cross joins (ON or USING), WHERE, GROUP BY, HAVING, ORDER BY with NULLS',
  'FIRST or LAST written out, LIMIT with ORDER BY, UNION, INTERSECT, EXCEPT, subqueries (in FROM, scalar, EXISTS, IN), WITH,',
  'also recursive, and these:\n',
  `| | carried | ${header}`,
  `| --- | --- ${rule}`,
  ...Object.entries(AGGREGATES).map(
    ([name, means]) => `| ${name} | ${cell(means)} | ${forms('aggregates', name)} |`,
  ),
  '',
  '`*` and USING are spelt out. Averages and sums of floats are not carried: engines round them differently.\n',
];

printPage('expressions.md', `${parts.join('\n').trimEnd()}\n`);
