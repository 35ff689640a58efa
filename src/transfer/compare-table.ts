// One table as the run would make it against the table that stands: every difference a sentence. In the target's own
// terms: both sides are in its types and its SQL. Pure.
import type { Dialect } from '../dialect/dialect.ts';
import { isRefusal } from '../types/mapping.ts';
import type {
  CheckSchema,
  ColumnSchema,
  ForeignKeySchema,
  IndexSchema,
  KeySchema,
  Meaning,
  TableSchema,
} from '../types/schema.ts';
import { foldName } from './plan-names.ts';
import { sameUserType } from './plan-types.ts';
import { defaultText, sameDefault, sameSaid } from './same-meaning.ts';

type Fold = (name: string) => string;

/** The same spelling, or two spellings of one type: equal wire and equal checks. */
export function sameNativeType(expected: ColumnSchema, actual: ColumnSchema, dialect: Dialect): boolean {
  if (expected.nativeType.toLowerCase() === actual.nativeType.toLowerCase())
    return sameNeeds(expected, actual);
  // What a dialect knows of a type beside its name can't be seen in a wire: only types without can have two names.
  if (expected.typeFacts || expected.needs?.length || actual.needs?.length) return false;
  const [first, second] = [dialect.types.write(expected), dialect.types.write(actual)];
  if (isRefusal(first) || isRefusal(second)) return false;
  return JSON.stringify([first.wire, first.checks]) === JSON.stringify([second.wire, second.checks]);
}

function sameNeeds(expected: ColumnSchema, actual: ColumnSchema): boolean {
  return (expected.needs ?? []).every((type) => {
    const other = actual.needs?.find((each) => each.name === type.name && each.schema === type.schema);
    return other === undefined || sameUserType(type, other);
  });
}

/** What differs in the definitions of two columns of one type. */
export function columnDifferences(
  expected: ColumnSchema,
  actual: ColumnSchema,
  table: TableSchema,
  sameEngine: boolean,
): string[] {
  const { name } = expected;
  const found: string[] = [];
  const differ = (what: string, wanted: string | null, there: string | null) => {
    if (wanted === there) return;
    found.push(`column "${name}": ${what} ${wanted ?? 'none'} expected, ${there ?? 'none'} in the target`);
  };
  // Columns of a primary key are NOT NULL by themselves, whether the catalog says so or not.
  const inKey = table.primaryKey?.columns.includes(name) ?? false;
  if (!inKey && expected.nullable !== actual.nullable) {
    found.push(
      `column "${name}": ${expected.nullable ? 'NOT NULL only in the target' : 'NOT NULL is missing in the target'}`,
    );
  }
  differ('numbering', ...numberings(expected, actual, sameEngine));
  const numbered = expected.identity !== null || actual.identity !== null;
  if (!numbered && !sameDefault(expected.default, actual.default)) {
    differ('default', defaultText(expected.default), `${defaultText(actual.default)}`);
  }
  if (
    sameEngine &&
    !numbered &&
    (expected.default?.kind === 'sequence') !== (actual.default?.kind === 'sequence')
  ) {
    differ('numbering', sequenceOf(expected), sequenceOf(actual));
  }
  const [ours, theirs] = [expected.generated, actual.generated];
  const generatedAlike =
    ours && theirs
      ? ours.stored === theirs.stored &&
        sameSaid({ ...ours, sql: ours.expression }, { ...theirs, sql: theirs.expression })
      : ours === theirs;
  if (!generatedAlike) differ('expression', generatedText(expected), generatedText(actual));
  differ('collation', expected.collation, actual.collation);
  differ('comment', quoted(expected.comment), quoted(actual.comment));
  return found;
}

/** How both number rows, in words that can be compared: engines number in ways of their own. */
function numberings(
  expected: ColumnSchema,
  actual: ColumnSchema,
  sameEngine: boolean,
): [string | null, string | null] {
  const [wanted, there] = [expected.identity?.kind ?? null, actual.identity?.kind ?? null];
  if (sameEngine) return [wanted, there];
  // In SQLite the integer key of a table numbers rows whether it shall or not.
  if (wanted === null && there === 'rowid') return [null, null];
  // A default that takes the next value of a sequence of its own is what another engine calls an identity.
  const byEngine = ({ identity, default: value }: ColumnSchema) =>
    identity !== null || value?.kind === 'sequence' ? 'by the engine' : null;
  return [byEngine(expected), byEngine(actual)];
}

const sequenceOf = ({ default: value }: ColumnSchema) =>
  value?.kind === 'sequence' ? `sequence ${value.sequence}` : null;

const generatedText = ({ generated }: ColumnSchema) =>
  generated && `${generated.expression} ${generated.stored ? 'STORED' : 'VIRTUAL'}`;

const quoted = (text: string | null) => (text === null || text === '' ? null : JSON.stringify(text));

/** Keys, foreign keys, checks, indexes, comments, and what only the engine itself has. */
export function tableDifferences(expected: TableSchema, actual: TableSchema, dialect: Dialect): string[] {
  const fold: Fold = (name) => foldName(name, dialect.quirks);
  const key = (table: TableSchema) => (table.primaryKey ? keyText(table.primaryKey, fold) : 'none');
  const found: string[] = [];
  if (key(expected) !== key(actual))
    found.push(`primary key ${key(expected)} expected, ${key(actual)} in the target`);
  // A unique index and a unique constraint enforce the same.
  const byText = (text: string): Item => ({ text, same: (other) => other.text === text });
  const uniques = (table: TableSchema) => [
    ...table.uniques.map((unique) => byText(keyText(unique, fold))),
    ...table.indexes.filter((index) => index.unique).map((index) => indexItem(index, fold)),
  ];
  found.push(...listDifferences('unique', uniques(expected), uniques(actual)));
  const foreignKeys = (table: TableSchema) =>
    table.foreignKeys.map((each) => byText(foreignKeyText(each, fold)));
  found.push(...listDifferences('foreign key', foreignKeys(expected), foreignKeys(actual)));
  found.push(...listDifferences('check', expected.checks.map(checkItem), actual.checks.map(checkItem)));
  const indexes = (table: TableSchema) =>
    table.indexes.filter((index) => !index.unique).map((index) => indexItem(index, fold));
  found.push(...listDifferences('index', indexes(expected), indexes(actual)));
  const [comment, there] = [quoted(expected.comment), quoted(actual.comment)];
  if (comment !== there)
    found.push(`comment ${comment ?? 'none'} expected, ${there ?? 'none'} in the target`);
  const partitions = (table: TableSchema) => table.partitioning?.key ?? 'none';
  if (partitions(expected) !== partitions(actual)) {
    found.push(`partitioning ${partitions(expected)} expected, ${partitions(actual)} in the target`);
  }
  const parents = (table: TableSchema) =>
    (table.inherits ?? []).map((parent) => fold(parent.name)).join(', ');
  if (parents(expected) !== parents(actual)) {
    found.push(`parents ${parents(expected) || 'none'} expected, ${parents(actual) || 'none'} in the target`);
  }
  return found;
}

function columnList(names: readonly string[], fold: Fold): string {
  return `(${names.map(fold).join(', ')})`;
}

function keyText(key: KeySchema, fold: Fold): string {
  const nulls = key.nullsNotDistinct ? ' nulls not distinct' : '';
  return `${columnList(key.columns, fold)}${nulls}${deferText(key)}`;
}

function deferText({ deferrable, initiallyDeferred }: KeySchema): string {
  if (!deferrable) return '';
  return initiallyDeferred ? ' initially deferred' : ' deferrable';
}

function foreignKeyText(key: ForeignKeySchema, fold: Fold): string {
  const to = `${fold(key.references.name)}${columnList(key.referencedColumns, fold)}`;
  const match = key.match === 'full' ? ' match full' : '';
  return `${columnList(key.columns, fold)} -> ${to}${match} on delete ${key.onDelete} on update ${key.onUpdate}${deferText(key)}`;
}

/** A part of a table that has no name worth comparing. */
interface Item {
  readonly text: string;
  same(other: Item): boolean;
  readonly said?: readonly (Meaning & { readonly sql: string })[];
  /** What isn't said in SQL. */
  readonly fixed?: string;
}

/** Items are the same if their fixed text is and all that they say in SQL. */
function item(text: string, fixed: string, said: NonNullable<Item['said']>): Item {
  return {
    text,
    said,
    same: (other) =>
      other.fixed === fixed &&
      other.said?.length === said.length &&
      said.every((each, at) => sameSaid(each, (other.said ?? [])[at])),
    fixed,
  };
}

function checkItem(check: CheckSchema): Item {
  return item(check.expression, 'check', [{ ...check, sql: check.expression }]);
}

function indexItem(index: IndexSchema, fold: Fold): Item {
  const direction = ({ descending, nulls, collation }: IndexSchema['parts'][number]) =>
    `${descending ? ' desc' : ''}${nulls ? ` nulls ${nulls}` : ''}${collation ? ` collate ${collation}` : ''}`;
  const parts = index.parts.map(
    (part) => `${part.column === null ? part.expression : fold(part.column)}${direction(part)}`,
  );
  const fixed = index.parts.map(
    (part) => `${part.column === null ? 'expression' : fold(part.column)}${direction(part)}`,
  );
  const rest = `${index.nullsNotDistinct ? ' nulls not distinct' : ''}${index.method === 'btree' ? '' : ` ${index.method}`}`;
  const said = index.parts.flatMap((part) =>
    part.expression === null ? [] : [{ ...part, sql: part.expression }],
  );
  if (index.where !== null) said.push({ ...index.whereMeaning, sql: index.where } as (typeof said)[number]);
  const text = `(${parts.join(', ')})${rest}${index.where ? ` where ${index.where}` : ''}`;
  // Plain ones of whole columns are as a unique constraint says them.
  if (said.length === 0) return { text, same: (other) => other.text === text };
  return item(text, `${fixed.join(', ')}${rest}${index.where === null ? '' : ' where'}`, said);
}

function listDifferences(what: string, expected: readonly Item[], actual: readonly Item[]): string[] {
  const missing = expected
    .filter((each) => !actual.some((other) => each.same(other)))
    .map((each) => `${what} ${each.text} is missing in the target`);
  const extra = actual
    .filter((each) => !expected.some((other) => each.same(other)))
    .map((each) => `${what} ${each.text} is only in the target`);
  return [...new Set([...missing, ...extra])];
}
